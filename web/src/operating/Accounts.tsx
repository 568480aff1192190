import { useState } from "react";
import { Link, useLocation } from "wouter";
import { api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { idIn } from "../parts/ids";
import { Card } from "../parts/shown";
import { words } from "../words";

/** Where an operator begins who is asked about an account, or about a credential. */
export default function Accounts() {
  return (
    <>
      <h1>{words.accounts.title}</h1>
      <div className="columns even">
        <Find />
        <RevokeCredential />
      </div>
    </>
  );
}

function Find() {
  const [account, setAccount] = useState("");
  const [, go] = useLocation();
  const id = idIn(account);
  return (
    <Card title={words.accounts.find}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (id) go(`/operate/accounts/${id}`);
        }}
      >
        <Typed
          name="account"
          label={words.profile.account}
          hint={words.accounts.findHint}
          value={account}
          onChange={setAccount}
          error={account.trim() && !id ? words.accounts.noId : undefined}
          required
        />
        <div className="actions">
          <button type="submit" className="button primary" disabled={!id}>
            {words.accounts.look}
          </button>
        </div>
      </form>
    </Card>
  );
}

function RevokeCredential() {
  const [said, change, forget] = useDraft("revocation", { credential: "", reason: "" });
  const id = idIn(said.credential);
  const revoke = useCommand<Schemas["RevocationRequest"]>(
    (body, header) =>
      api.POST("/credentials/{credential_id}/revocation", {
        params: { path: { credential_id: id ?? "" }, header },
        body,
      }),
    forget,
  );
  return (
    <Card title={words.accounts.revoke}>
      {revoke.isSuccess && (
        <p className="notice" role="status">
          {words.accounts.revoked}
        </p>
      )}
      <CommandForm
        command={revoke}
        body={() => ({ reason: said.reason })}
        send={words.cohorts.revoke}
        tone="danger"
        disabled={!id}
      >
        <p className="hint">
          {words.accounts.revokeMore} <Link href="/verify">{words.verifying.title}</Link>
        </p>
        <Typed
          name="credential"
          label={words.accounts.credential}
          hint={words.accounts.credentialHint}
          value={said.credential}
          onChange={(credential) => change((old) => ({ ...old, credential }))}
          error={said.credential.trim() && !id ? words.accounts.noId : undefined}
          required
        />
        <Typed
          name="/reason"
          label={words.actions.reason}
          hint={words.accounts.reasonHint}
          rows={3}
          value={said.reason}
          onChange={(reason) => change((old) => ({ ...old, reason }))}
          required
        />
      </CommandForm>
    </Card>
  );
}
