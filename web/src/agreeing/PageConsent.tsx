import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import type { BriefProps } from "../brief/BriefPage";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Tick, Typed } from "../parts/Field";
import { Card, Read } from "../parts/shown";
import { words } from "../words";

/** What the employer lets the student show of the accepted work, to anybody. */
export function PageConsent({ brief }: Pick<BriefProps, "brief">) {
  const consent = $api.useQuery("get", "/briefs/{brief_id}/consent", {
    params: { path: { brief_id: brief.brief_id } },
  });
  return (
    <Card title={words.pageConsent.title}>
      <p className="hint">{words.pageConsent.more}</p>
      <Read of={consent}>{(found) => <Say brief={brief} found={found} />}</Read>
    </Card>
  );
}

function Say({ brief, found }: Pick<BriefProps, "brief"> & { found: Schemas["ConsentView"] }) {
  const initial = { files: found.files, quote: found.quote ?? "" };
  const [said, change, forget] = useDraft(`page-consent.${brief.brief_id}`, initial);
  const save = useCommand<Schemas["PageConsentRequest"]>(
    (body, header) =>
      api.PUT("/briefs/{brief_id}/consent", { params: { path: { brief_id: brief.brief_id }, header }, body }),
    () => forget(said),
  );
  return (
    <CommandForm
      command={save}
      body={() => ({ files: said.files, quote: said.quote.trim() || null })}
      send={words.common.save}
    >
      <Tick
        label={words.pageConsent.files}
        checked={said.files}
        onChange={(files) => change((old) => ({ ...old, files }))}
      />
      <Typed
        name="/quote"
        label={words.pageConsent.quote}
        hint={words.pageConsent.quoteMore}
        rows={3}
        value={said.quote}
        onChange={(quote) => change((old) => ({ ...old, quote }))}
      />
    </CommandForm>
  );
}
