import { useState } from "react";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm, Wrong } from "../parts/CommandForm";
import { Typed } from "../parts/Field";
import { saveAs } from "../parts/saving";
import { Card } from "../parts/shown";
import { words } from "../words";

/** Everything that is kept of somebody, to take along; and to have it erased. */
export function Leaving() {
  const { account_id } = useKnownMe();
  return (
    <Card title={words.leaving.title}>
      <p>{words.leaving.exportMore}</p>
      <Export />
      <p>{words.leaving.eraseMore}</p>
      <div className="actions">
        <Ask button={words.leaving.erase} title={words.leaving.eraseTitle} tone="danger">
          {() => <Erase accountId={account_id} />}
        </Ask>
      </div>
    </Card>
  );
}

function Export() {
  const [isReading, setReading] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const save = async () => {
    setReading(true);
    setError(null);
    try {
      saveAs(new Blob([JSON.stringify(await everything(), null, 2)], { type: "application/json" }), "microintern.json");
    } catch (wrong) {
      setError(wrong as Error);
    } finally {
      setReading(false);
    }
  };
  return (
    <>
      <Wrong error={error} />
      <div className="actions">
        <button type="button" className="button" onClick={save} disabled={isReading}>
          {isReading ? words.common.loading : words.leaving.export}
        </button>
      </div>
    </>
  );
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
  const erase = useCommand<Schemas["ErasureRequest"]>((body, header) =>
    api.POST("/me/erasure", { params: { header }, body }),
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
