import { lazy, Suspense, useState } from "react";
import { $api, api, type Schemas } from "../api/client";
import { useKnownMe } from "../api/me";
import { fieldErrors, Refused } from "../api/problems";
import { Choice, Errors } from "../parts/Field";
import { figure, money, monthOf, plain } from "../parts/format";
import { Save } from "../parts/Save";
import { Card, Empty, Facts, Read, StateTag } from "../parts/shown";
import { words } from "../words";
import { latestMonths, MEASURES, type Measure, measured, plainHow, seriesOf, unitOf } from "./report";

const Chart = lazy(() => import("../parts/BarChart"));

const MONTHS = latestMonths(new Date(), 36).map((value) => ({ value, label: monthOf(value) }));
const MEASURE_OPTIONS = MEASURES.map((value) => ({ value, label: words.reports.measures[value] }));

/** How briefs went: an employer's own organisation's, and for operators everybody's. */
export default function Reports() {
  const { role, organisation_id } = useKnownMe();
  return (
    <>
      <h1>{words.reports.title}</h1>
      {role === "operator" ? (
        <OfPlatform />
      ) : organisation_id ? (
        <OfOrganisation organisationId={organisation_id} />
      ) : (
        <Empty to="/organisation" action={words.nav.organisation}>
          {words.home.foundOrganisation}
        </Empty>
      )}
    </>
  );
}

interface Period {
  first: string;
  last: string;
}

const USUAL: Period = { first: MONTHS[11]?.value ?? "", last: MONTHS[0]?.value ?? "" };

function OfPlatform() {
  const [period, setPeriod] = useState(USUAL);
  const report = $api.useQuery("get", "/report", { params: { query: period } });
  const csv = () => api.GET("/report.csv", { params: { query: period }, parseAs: "text" });
  return <Found of={report} csv={csv} period={period} onPeriod={setPeriod} />;
}

function OfOrganisation({ organisationId }: { organisationId: string }) {
  const [period, setPeriod] = useState(USUAL);
  const params = { path: { organisation_id: organisationId }, query: period };
  const report = $api.useQuery("get", "/organisations/{organisation_id}/report", { params });
  const csv = () => api.GET("/organisations/{organisation_id}/report.csv", { params, parseAs: "text" });
  return <Found of={report} csv={csv} period={period} onPeriod={setPeriod} />;
}

interface FoundProps {
  of: { data: Schemas["Report"] | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  csv: () => Promise<{ data?: string }>;
  period: Period;
  onPeriod: (period: Period) => void;
}

function Found({ of, csv, period, onPeriod }: FoundProps) {
  const isRefused = of.error instanceof Refused && of.error.status === 422;
  const read = async () => new Blob([(await csv()).data ?? ""], { type: "text/csv" });
  return (
    <>
      <Card
        title={words.reports.period}
        aside={<Save label={words.earnings.csv} name={`report-${period.first}-${period.last}.csv`} read={read} />}
      >
        <p className="hint">{words.reports.periodMore}</p>
        <Errors value={fieldErrors(of.error)}>
          <div className="side-by-side">
            <Choice
              name="/first"
              label={words.reports.first}
              value={period.first}
              onChange={(first) => onPeriod({ ...period, first })}
              options={MONTHS}
            />
            <Choice
              name="/last"
              label={words.reports.last}
              value={period.last}
              onChange={(last) => onPeriod({ ...period, last })}
              options={MONTHS}
            />
          </div>
        </Errors>
      </Card>
      {!isRefused && <Read of={of}>{(report) => <Shown report={report} />}</Read>}
    </>
  );
}

function Shown({ report }: { report: Schemas["Report"] }) {
  const { total, how = {} } = report;
  if (!report.months.length) return <Empty>{words.reports.none}</Empty>;
  return (
    <>
      <Card title={words.reports.total}>
        <dl className="facts">
          {MEASURES.map((measure) => (
            <div key={measure}>
              <dt>{words.reports.measures[measure]}</dt>
              <dd>
                {shown(total, measure)}
                <span className="hint">
                  {plainHow(how[measure])} {ofHowMany(total, measure)}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <ByMonth report={report} />
      <div className="columns even">
        <States of={total.by_state} how={how.by_state} />
        <div>
          <PayByField of={total.pay_by_field} how={how.pay_by_field} />
          <Held of={total.held_minor} how={how.held_minor} />
        </div>
      </div>
    </>
  );
}

function shown(figures: Schemas["Figures"], measure: Measure): string {
  const value = measured(figures, measure);
  return value === null ? words.reports.nothing : figure(value, unitOf(measure));
}

function ofHowMany(figures: Schemas["Figures"], measure: Measure): string {
  const found = figures[measure];
  return typeof found === "number" ? "" : words.record.from(found.of);
}

function ByMonth({ report }: { report: Schemas["Report"] }) {
  const [measure, setMeasure] = useState<Measure>("funded");
  const { months, values, unit } = seriesOf(report, measure);
  return (
    <Card title={words.reports.byMonth}>
      <Choice
        name="measure"
        label={words.reports.drawn}
        value={measure}
        onChange={(value) => setMeasure(value as Measure)}
        options={MEASURE_OPTIONS}
      />
      <figure>
        <figcaption className="hint">{words.reports.inUnit(words.reports.measures[measure], unit)}</figcaption>
        <Suspense fallback={<p className="loading chart">{words.common.loading}</p>}>
          <Chart
            title={words.reports.measures[measure]}
            labels={months.map(monthOf)}
            values={values}
            isCount={unit === "count"}
          />
        </Suspense>
      </figure>
      <MonthTable months={report.months} />
    </Card>
  );
}

function MonthTable({ months }: { months: Schemas["Month"][] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="wide" aria-label={words.reports.byMonth} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.reports.month}</th>
            {MEASURES.map((measure) => (
              <th key={measure} scope="col" className="number">
                {words.reports.measures[measure]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {months.map(({ month, figures }) => (
            <tr key={month}>
              <th scope="row">{monthOf(month)}</th>
              {MEASURES.map((measure) => (
                <td key={measure} className="number">
                  {shown(figures, measure)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function States({ of, how }: { of: Schemas["Figures"]["by_state"]; how?: string }) {
  return (
    <Card title={words.reports.states}>
      <p className="hint">{plainHow(how)}</p>
      <ul className="ratings">
        {Object.entries(of).map(([state, briefs]) => (
          <li key={state}>
            <StateTag state={state} /> <strong>{briefs}</strong>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function PayByField({ of, how }: { of: Schemas["Pay"][]; how?: string }) {
  return (
    <Card title={words.reports.pay}>
      <p className="hint">{plainHow(how)}</p>
      <ul className="ratings">
        {of.map(({ field, currency, briefs, mean_minor }) => (
          <li key={field + currency}>
            <span>
              {words.fields[field] ?? plain(field)} <span className="hint">{words.talent.briefs(briefs)}</span>
            </span>
            <strong>{money({ amount_minor: mean_minor, currency })}</strong>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Held({ of, how }: { of: Schemas["Figures"]["held_minor"]; how?: string }) {
  const held = Object.entries(of as Record<string, number>);
  return (
    <Card title={words.reports.held}>
      <p className="hint">{plainHow(how)}</p>
      {held.length ? (
        <Facts of={held.map(([currency, amount_minor]) => [currency, money({ amount_minor, currency })] as const)} />
      ) : (
        <p>{words.reports.nothingHeld}</p>
      )}
    </Card>
  );
}
