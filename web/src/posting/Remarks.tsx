import type { Schemas } from "../api/client";
import { money } from "../parts/format";
import { Card, Facts, Tag } from "../parts/shown";
import { words } from "../words";
import type { Draft } from "./posting";
import { useCheck } from "./useCheck";

const TONES = { refused: "bad", warning: "warn", hint: "info" } as const;

/** Said while it is typed: cost, pay floor, and what could be better. */
export function Remarks({ draft }: { draft: Draft }) {
  const { data, error, isCurrent } = useCheck(draft);
  const missing = Object.entries(data?.errors ?? {});
  return (
    <div className="beside" aria-live="polite" aria-busy={!isCurrent}>
      {data?.view && <Cost view={data.view} />}
      <Card title={words.check.title}>
        {error && <p className="error">{error.message}</p>}
        {missing.length > 0 && (
          <>
            <p>{words.check.unfinished(missing.length)}</p>
            <ul className="rows small">
              {missing.slice(0, 8).map(([pointer, detail]) => (
                <li key={pointer}>
                  <JumpTo pointer={pointer} /> {isBlank(draft, pointer) ? words.check.empty : detail}
                </li>
              ))}
            </ul>
          </>
        )}
        {data?.view?.findings.length === 0 && <p>{words.check.nothing}</p>}
        <ul className="rows small">
          {data?.view?.findings.map((finding) => (
            <li key={finding.code + finding.field}>
              <Tag tone={TONES[finding.severity]}>{words.check.severities[finding.severity]}</Tag>{" "}
              <JumpTo pointer={finding.field} />
              <p>{finding.wrong}</p>
              <p className="hint">{finding.right}</p>
            </li>
          ))}
        </ul>
      </Card>
    </div>
  );
}

/** Whether nothing was typed there yet: then there is nothing wrong with it. */
function isBlank(draft: Draft, pointer: string): boolean {
  const blank: Record<string, string> = {
    "/pay/amount_minor": draft.pay,
    "/timeline/applications_close_at": draft.closes,
    "/timeline/submission_due_at": draft.due,
  };
  const typed = pointer
    .slice(1)
    .split("/")
    .reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], draft);
  return (blank[pointer] ?? typed) === "";
}

/** Leads to the field that a remark is about, where there is one of that name. */
function JumpTo({ pointer }: { pointer: string }) {
  const jump = () => {
    const field = document.querySelector<HTMLElement>(
      `[name="${CSS.escape(pointer)}"], [name^="${CSS.escape(`${pointer}/`)}"]`,
    );
    field?.focus();
  };
  return (
    <button type="button" className="link" onClick={jump}>
      {pointer.slice(1).replaceAll("/", " › ").replaceAll("_", " ") || words.check.whole}
    </button>
  );
}

function Cost({ view }: { view: Schemas["CheckView"] }) {
  const floor = view.pay_floor;
  return (
    <Card
      title={words.check.cost}
      aside={
        <Tag tone={view.pay_is_enough ? "good" : "bad"}>
          {view.pay_is_enough ? words.check.enough : words.check.tooLittle}
        </Tag>
      }
    >
      <Facts
        of={[
          [words.money.pay, money(view.cost.pay)],
          [words.money.fee, money(view.cost.fee)],
          [words.money.toHold, <strong key="t">{money(view.cost.total_to_hold)}</strong>],
          floor && [
            words.check.floor(floor.place),
            `${money(floor.lowest_pay)} (${words.check.perHour(money(floor.rate), floor.hours)})`,
          ],
        ]}
      />
      {floor && (
        <p className="hint">
          {words.check.source}{" "}
          <a href={floor.source} target="_blank" rel="noreferrer">
            {floor.jurisdiction}
          </a>
        </p>
      )}
      {floor?.warning && <p className="notice warn">{floor.warning}</p>}
    </Card>
  );
}
