import { $api } from "../api/client";
import { Read } from "../parts/shown";
import { words } from "../words";

/** What applying and awarding accept, clause by clause. */
export function Clauses({ briefId }: { briefId: string }) {
  const contract = $api.useQuery("get", "/briefs/{brief_id}/contract", { params: { path: { brief_id: briefId } } });
  return (
    <details>
      <summary>{words.agreement.clauses}</summary>
      <Read of={contract}>
        {(found) => (
          <>
            <p className="hint">{found.note}</p>
            <dl className="levels">
              {found.clauses.map((clause) => (
                <div key={clause.title}>
                  <dt>{clause.title}</dt>
                  <dd className="text">{clause.text}</dd>
                </div>
              ))}
            </dl>
          </>
        )}
      </Read>
    </details>
  );
}
