import { Clauses } from "../agreeing/Clauses";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { Card, Tag } from "../parts/shown";
import { words } from "../words";

/** A student asks to do the brief, or takes that back. */
export function Apply({ brief }: BriefProps) {
  const { role } = useKnownMe();
  if (role !== "student" || brief.state !== "open") return null;
  return (
    <Card
      title={words.apply.title}
      aside={brief.my_application && <Tag tone="info">{words.applications[brief.my_application]}</Tag>}
    >
      {brief.fit && <Fit fit={brief.fit} />}
      {brief.my_application === "applied" ? <Withdraw brief={brief} /> : <ApplyForm brief={brief} />}
    </Card>
  );
}

function Fit({ fit }: { fit: Schemas["Fit"] }) {
  return (
    <details>
      <summary>{words.find.fit(fit.score)}</summary>
      <ul>
        {fit.parts.map((part) => (
          <li key={`${part.of} ${part.skill}`}>
            {part.why} <span className="hint">{words.find.points(part.points, part.most)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function ApplyForm({ brief }: Pick<BriefProps, "brief">) {
  const initial = { statement: "", links: "" };
  const [said, change, forget] = useDraft(`apply.${brief.brief_id}`, initial);
  const apply = useCommand<Schemas["ApplicationRequest"]>(
    (body, header) =>
      api.POST("/briefs/{brief_id}/applications", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    forget,
  );
  const links = said.links.split(/\s+/).filter(Boolean);
  return (
    <CommandForm command={apply} body={() => ({ statement: said.statement, links })} send={words.apply.send}>
      <Typed
        name="/statement"
        label={words.apply.statement}
        hint={words.apply.statementHint}
        rows={5}
        value={said.statement}
        onChange={(statement) => change((old) => ({ ...old, statement }))}
        required
      />
      <Typed
        name="/links"
        label={words.apply.links}
        hint={words.apply.linksHint}
        value={said.links}
        onChange={(text) => change((old) => ({ ...old, links: text }))}
      />
      <p className="hint">{words.agreement.accepts}</p>
      <Clauses briefId={brief.brief_id} />
    </CommandForm>
  );
}

function Withdraw({ brief }: Pick<BriefProps, "brief">) {
  const withdraw = useCommand<undefined>((_, header) =>
    api.POST("/briefs/{brief_id}/applications/withdrawal", { params: { path: { brief_id: brief.brief_id }, header } }),
  );
  return (
    <CommandForm command={withdraw} body={() => undefined} send={words.apply.withdraw} tone="quiet">
      <p>{words.apply.applied}</p>
    </CommandForm>
  );
}
