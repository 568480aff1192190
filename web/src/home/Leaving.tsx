import { useState } from "react";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { Fetching } from "../parts/Fetching";
import { Typed } from "../parts/Field";
import { saveAs } from "../parts/saving";
import { Card } from "../parts/shown";
import { useSession } from "../session/current";
import { words } from "../words";

/** Everything that is kept of somebody, to take along; and to have it erased. */
export function Leaving() {
  const { account_id } = useKnownMe();
  return (
    <Card title={words.leaving.title}>
      <p>{words.leaving.exportMore}</p>
      <div className="actions">
        <Fetching label={words.leaving.export} tone="" fetch={exportAll} />
      </div>
      <p>{words.leaving.eraseMore}</p>
      <div className="actions">
        <Ask button={words.leaving.erase} title={words.leaving.eraseTitle} tone="danger">
          {() => <Erase accountId={account_id} />}
        </Ask>
      </div>
    </Card>
  );
}

async function exportAll(): Promise<void> {
  const content = JSON.stringify(await everything(), null, 2);
  saveAs(new Blob([content], { type: "application/json" }), "microintern.json");
}

/** All pages as one: the account, which is on the first one, and the briefs. */
async function everything(): Promise<Pick<Schemas["Export"], "account" | "briefs">> {
  const whole: Pick<Schemas["Export"], "account" | "briefs"> = { account: null, briefs: [] };
  let cursor: string | null | undefined;
  do {
    const { data } = await api.GET("/me/export", { params: { query: cursor ? { cursor } : {} } });
    whole.account ??= data?.account ?? null;
    whole.briefs.push(...(data?.briefs ?? []));
    cursor = data?.next_cursor;
  } while (cursor);
  return whole;
}

function Erase({ accountId }: { accountId: string }) {
  const [typed, setTyped] = useState("");
  const session = useSession();
  const erase = useCommand<Schemas["ErasureRequest"]>(
    (body, header) => api.POST("/me/erasure", { params: { header }, body }),
    () => session.signOut(words.leaving.erased),
  );
  return (
    <CommandForm
      command={erase}
      body={() => ({ account_id: typed.trim() })}
      send={words.leaving.erase}
      tone="danger"
      disabled={typed.trim() !== accountId}
    >
      <p>{words.leaving.eraseSure}</p>
      <Typed
        name="/account_id"
        label={words.leaving.account}
        hint={<code>{accountId}</code>}
        value={typed}
        onChange={setTyped}
        required
      />
    </CommandForm>
  );
}
