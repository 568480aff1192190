import { useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { Choice, Tick } from "../parts/Field";
import { money, plain } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { allRows } from "../parts/saving";
import { Ago, Card, Empty, Tag } from "../parts/shown";
import { words } from "../words";

/** Money that is held back, what does not agree with the provider, what is paid to whom, and what failed. */
export default function MoneyAndStuck() {
  return (
    <>
      <h1>{words.operate.money}</h1>
      <div className="columns even">
        <Holds />
        <DeadLetters />
        <Findings />
        <Payees />
      </div>
    </>
  );
}

function Holds() {
  const holds = $api.useInfiniteQuery("get", "/holds", {}, byCursor);
  return (
    <Card title={words.operate.holds}>
      <Listed of={holds} empty={<Empty>{words.operate.noHolds}</Empty>}>
        {(items) => (
          <ul className="rows">
            {items.map((hold) => (
              <li key={`${hold.brief_id} ${hold.name}`}>
                <Link href={`/briefs/${hold.brief_id}`}>{plain(hold.name)}</Link> <strong>{money(hold.amount)}</strong>
                <p className="hint">
                  {hold.reason} · <Ago at={hold.since} />
                </p>
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

function DeadLetters() {
  const [found, setFound] = useState<Schemas["Redriven"][] | null>(null);
  const redrive = useCommand<undefined>(async (_, header) => {
    const { data } = await api.POST("/dead-letters/redrive", { params: { header } });
    setFound((data as Schemas["RedriveView"]).queues);
  });
  return (
    <Card title={words.operate.deadLetters}>
      <p>{words.operate.deadLettersMore}</p>
      <CommandForm command={redrive} body={() => undefined} send={words.operate.redrive} />
      {found && (
        <ul className="rows small" role="status">
          {found.map((queue) => (
            <li key={queue.queue}>
              {plain(queue.queue)}{" "}
              <span className="hint">
                {words.operate.redriven(queue.redriven ?? 0, queue.failed ?? 0, queue.left ?? 0)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Findings() {
  const [all, setAll] = useState(false);
  const query = all ? {} : { needs_person: true };
  const findings = $api.useInfiniteQuery("get", "/audit", { params: { query } }, byCursor);
  return (
    <Card title={words.operate.reconciliation}>
      <Tick label={words.operate.allFindings} checked={all} onChange={setAll} />
      <Listed of={findings} empty={<Empty>{words.operate.agrees}</Empty>}>
        {(items) => (
          <ul className="rows">
            {items.map((entry) => (
              <li key={entry.entry_id}>
                <Tag>{plain(entry.finding)}</Tag> <code>{entry.subject}</code>
                <p className="hint">
                  {entry.reason} · <Ago at={entry.at} />
                </p>
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}

const THIS_YEAR = new Date().getUTCFullYear();
const YEARS = Array.from({ length: 5 }, (_, back) => String(THIS_YEAR - back)).map((value) => ({
  value,
  label: value,
}));

function Payees() {
  const [chosen, setChosen] = useState(String(THIS_YEAR));
  const year = Number(chosen);
  const csv = (cursor?: string) => api.GET("/payees.csv", { params: { query: { year, cursor } }, parseAs: "text" });
  const payees = $api.useInfiniteQuery("get", "/payees", { params: { query: { year } } }, byCursor);
  return (
    <Card
      title={words.operate.payees(year)}
      aside={<Save label={words.earnings.csv} name={`payees-${year}.csv`} read={() => allRows(csv)} />}
    >
      <Choice name="year" label={words.earnings.year} value={chosen} onChange={setChosen} options={YEARS} />
      <Listed of={payees} empty={<Empty>{words.operate.noPayees}</Empty>}>
        {(items) => (
          <ul className="rows">
            {items.map((payee) => (
              <li key={payee.account_id + payee.paid.currency}>
                <Link href={`/operate/accounts/${payee.account_id}`}>{payee.account_id.slice(0, 8)}</Link>{" "}
                <strong>{money(payee.paid)}</strong>{" "}
                {payee.reportable && <Tag tone="warn">{words.operate.reportable}</Tag>}{" "}
                <span className="hint">{words.operate.payouts(payee.payouts)}</span>
              </li>
            ))}
          </ul>
        )}
      </Listed>
    </Card>
  );
}
