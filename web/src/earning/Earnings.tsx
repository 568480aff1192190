import { lazy, Suspense, useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { day, money, plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { allRows } from "../parts/saving";
import { Card, Empty, Facts, Tag, When } from "../parts/shown";
import { words } from "../words";

const Chart = lazy(() => import("./MonthChart"));
const THIS_YEAR = new Date().getFullYear();
const YEARS = Array.from({ length: 5 }, (_, back) => String(THIS_YEAR - back)).map((value) => ({
  value,
  label: value,
}));

/** What moved on somebody's account in a year, and where a student is paid. */
export default function Earnings() {
  const { role } = useKnownMe();
  const [year, setYear] = useState(String(THIS_YEAR));
  return (
    <>
      <h1>{role === "student" ? words.earnings.title : words.earnings.statements}</h1>
      <div className={role === "student" ? "columns" : undefined}>
        <Card title={words.earnings.statement(year)} aside={<Download year={year} />}>
          <Choice name="year" label={words.earnings.year} value={year} onChange={setYear} options={YEARS} />
          <Statement year={Number(year)} />
        </Card>
        {role === "student" && <PayoutAccount />}
      </div>
    </>
  );
}

function Statement({ year }: { year: number }) {
  const rows = $api.useInfiniteQuery("get", "/me/statement", { params: { query: { year, limit: 100 } } }, byCursor);
  return (
    <Listed of={rows} empty={<Empty>{words.earnings.none}</Empty>}>
      {(items) => (
        <>
          <Suspense fallback={<p className="loading chart">{words.common.loading}</p>}>
            <Chart rows={items} year={year} />
          </Suspense>
          <StatementTable rows={items} />
        </>
      )}
    </Listed>
  );
}

function StatementTable({ rows }: { rows: Schemas["StatementRow"][] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className="wide" aria-label={words.earnings.statements} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.earnings.when}</th>
            <th scope="col">{words.earnings.what}</th>
            <th scope="col">{words.earnings.brief}</th>
            <th scope="col" className="number">
              {words.earnings.amount}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.transfer_id}>
              <td>{day(row.at)}</td>
              <td>{words.transfers[row.name] ?? plain(row.name)}</td>
              <td>
                <Link href={`/briefs/${row.brief_id}`}>{row.brief_id.slice(0, 8)}</Link>
              </td>
              <td className="number">{money(row.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Download({ year }: { year: string }) {
  const csv = (cursor?: string) =>
    api.GET("/me/statement.csv", { params: { query: { year: Number(year), cursor } }, parseAs: "text" });
  return <Save label={words.earnings.csv} name={`statement-${year}.csv`} read={() => allRows(csv)} />;
}

function PayoutAccount() {
  const me = useKnownMe();
  const [destination, setDestination] = useDraft("payout-account", me.payout_account?.destination ?? "");
  const save = useCommand<string>((said, header) =>
    api.PUT("/me/payout-account", { params: { header }, body: { destination: said } }),
  );
  return (
    <Card title={words.earnings.account}>
      {me.payout_account && (
        <Facts
          of={[
            [words.earnings.paidTo, <code key="to">{me.payout_account.destination}</code>],
            [
              words.earnings.status,
              <Tag key="s" tone={me.payout_status === "ready" ? "good" : "warn"}>
                {words.earnings.statuses[me.payout_status ?? "missing"]}
              </Tag>,
            ],
            [words.earnings.usable, <When key="u" at={me.payout_account.usable_at} />],
          ]}
        />
      )}
      <CommandForm command={save} body={() => destination} send={words.common.save}>
        <Typed
          name="/destination"
          label={words.earnings.destination}
          hint={words.earnings.destinationHint}
          value={destination}
          onChange={setDestination}
          required
        />
      </CommandForm>
    </Card>
  );
}
