import { $api, api, type Schemas } from "../api/client";
import { money, plain } from "../parts/format";
import { Save } from "../parts/Save";
import { Ago, Card, Facts, Read, Tag } from "../parts/shown";
import { words } from "../words";
import { ENDS } from "./life";

type Brief = Schemas["BriefView"];

/** What is held, to whom it goes, and when. */
export function MoneyCard({ brief }: { brief: Brief }) {
  const { progress, pay } = brief;
  return (
    <Card title={words.money.title}>
      {progress ? (
        <>
          <Facts
            of={[
              [words.money.pay, money(pay)],
              [words.money.fee, money(progress.fee)],
              [escrowOf(brief.state), money(progress.escrow)],
            ]}
          />
          <Parts brief={brief} progress={progress} />
          <Transfers briefId={brief.brief_id} version={progress.version} />
        </>
      ) : (
        <Facts of={[[words.money.pay, money(pay)]]} />
      )}
    </Card>
  );
}

function escrowOf(state: Brief["state"]): string {
  if (state === "posted") return words.money.toHold;
  return ENDS.has(state) ? words.money.escrow : words.money.held;
}

/** How the escrow is divided, or would be if the work is approved. */
function Parts({ brief, progress }: { brief: Brief; progress: Schemas["Progress"] }) {
  const { currency } = progress.escrow;
  const decided = progress.split ?? progress.decision?.split;
  const split = decided ?? {
    student_minor: brief.pay.amount_minor,
    employer_minor: 0,
    fee_minor: progress.fee.amount_minor,
  };
  const parts = [
    [words.money.toStudent, split.student_minor, "student"],
    [words.money.toEmployer, split.employer_minor, "employer"],
    [words.money.toPlatform, split.fee_minor, "fee"],
  ] as const;
  const total = parts.reduce((sum, [, minor]) => sum + minor, 0);
  return (
    <figure className="split">
      <figcaption>{whenItMoves(brief.state, progress)}</figcaption>
      <div className="bar" aria-hidden="true">
        {parts.map(
          ([, minor, tone]) =>
            minor > 0 && (
              <progress key={tone} className={tone} value={1} max={1} ref={(bar) => widen(bar, minor, total)} />
            ),
        )}
      </div>
      <ul>
        {parts.map(([who, amount_minor, tone]) => (
          <li key={tone} className={tone}>
            {who} <strong>{money({ amount_minor, currency })}</strong>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** The policy of the page forbids style attributes, but not this. */
function widen(bar: HTMLElement | null, part: number, total: number): void {
  bar?.style.setProperty("flex-grow", String(part / (total || 1)));
}

function whenItMoves(state: Brief["state"], progress: Schemas["Progress"]): string {
  if (progress.settled_at) return words.money.moved;
  if (progress.split) return words.money.moving;
  if (progress.decision) return words.money.decided;
  return state === "disputed" ? words.money.ifStudentWins : words.money.ifApproved;
}

function Transfers({ briefId, version }: { briefId: string; version: number }) {
  const ledger = $api.useQuery(
    "get",
    "/briefs/{brief_id}/ledger",
    { params: { path: { brief_id: briefId } } },
    { refetchInterval: 10_000, meta: { version } },
  );
  const csv = async () => {
    const { data } = await api.GET("/briefs/{brief_id}/ledger.csv", {
      params: { path: { brief_id: briefId } },
      parseAs: "text",
    });
    return new Blob([data ?? ""], { type: "text/csv" });
  };
  return (
    <Read of={ledger}>
      {({ transfers, balanced }) =>
        transfers.length ? (
          <>
            <details>
              <summary>
                {words.money.transfers(transfers.length)} {balanced && <Tag tone="good">{words.money.balanced}</Tag>}
              </summary>
              <ol className="transfers">
                {transfers.map((transfer) => (
                  <li key={`${transfer.transfer_id} ${transfer.phase}`}>
                    <span>
                      {plain(transfer.name)} <Tag>{plain(transfer.phase)}</Tag>
                    </span>
                    <strong>{money(transfer.amount)}</strong>
                    <span className="hint">
                      <Ago at={transfer.at} /> {transfer.reason}
                    </span>
                  </li>
                ))}
              </ol>
            </details>
            <div className="actions">
              <Save label={words.money.csv} name={`transfers-${briefId}.csv`} read={csv} />
            </div>
          </>
        ) : (
          <p className="hint">{words.money.none}</p>
        )
      }
    </Read>
  );
}
