import { $api, api } from "../api/client";
import { useKnownMe } from "../api/me";
import { byCursor, Listed } from "../parts/pages";
import { Ago, Card, Empty } from "../parts/shown";
import { words } from "../words";
import type { BriefProps } from "./BriefPage";
import { Cited } from "./Evidence";
import { StatementForm } from "./StatementForm";

/** What both sides said, and the answer of the one that was not heard yet. */
export function DisputeForm({ brief }: BriefProps) {
  const { role } = useKnownMe();
  const said = useStatements(brief.brief_id);
  const heard = said.data?.pages.flatMap((page) => page.items).some((statement) => statement.role === role);
  return (
    <Card title={words.dispute.title}>
      <Statements briefId={brief.brief_id} />
      {heard === false && !brief.progress?.decision && <Answer brief={brief} />}
    </Card>
  );
}

function useStatements(briefId: string) {
  return $api.useInfiniteQuery(
    "get",
    "/briefs/{brief_id}/dispute",
    { params: { path: { brief_id: briefId } } },
    byCursor,
  );
}

export function Statements({ briefId }: { briefId: string }) {
  return (
    <Listed of={useStatements(briefId)} empty={<Empty>{words.dispute.none}</Empty>}>
      {(statements) => (
        <ol className="rows">
          {statements.map((statement) => (
            <li key={statement.version}>
              <strong>{words.roles[statement.role]}</strong>{" "}
              <span className="hint">
                <Ago at={statement.at} />
              </span>
              <p className="text">{statement.reason}</p>
              <Cited briefId={briefId} fileIds={statement.file_ids ?? []} />
            </li>
          ))}
        </ol>
      )}
    </Listed>
  );
}

function Answer({ brief }: Pick<BriefProps, "brief">) {
  return (
    <StatementForm
      brief={brief}
      draft="answer"
      label={words.dispute.yourSide}
      send={words.dispute.answer}
      post={(body, header) =>
        api.POST("/briefs/{brief_id}/dispute/answer", {
          params: { path: { brief_id: brief.brief_id }, header },
          body,
        })
      }
    />
  );
}
