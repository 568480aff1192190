import { useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { Ask } from "../parts/Ask";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Choice, Typed } from "../parts/Field";
import { Figures } from "../parts/Figures";
import { Card, Facts, Read, Tag, When } from "../parts/shown";
import { words } from "../words";

type Standing = Schemas["StandingView"];
type Role = Schemas["RoleRequest"]["role"];

/** One account, for operators: how it stands, its role, and what is done about it. */
export default function AccountPage({ params }: { params: { id: string } }) {
  const { account_id } = useKnownMe();
  const path = { account_id: params.id };
  const standing = $api.useQuery("get", "/accounts/{account_id}/standing", { params: { path } });
  return (
    <>
      <p>
        <Link href="/operate/accounts">{words.accounts.another}</Link>
      </p>
      <h1>{words.accounts.one}</h1>
      <p>
        <code className="long">{params.id}</code>
      </p>
      <Read of={standing}>
        {(found) => (
          <div className="columns even">
            <div>
              <Stands standing={found} />
              <Erase standing={found} />
            </div>
            <div>
              {params.id === account_id ? (
                <p className="notice">{words.accounts.yours}</p>
              ) : (
                <GiveRole accountId={params.id} />
              )}
              <StudentRecord accountId={params.id} />
            </div>
          </div>
        )}
      </Read>
    </>
  );
}

function Stands({ standing }: { standing: Standing }) {
  const { account_id, state, reason, since } = standing;
  const next: Schemas["StandingRequest"]["state"] = state === "active" ? "suspended" : "active";
  const [said, setReason, forget] = useDraft(`standing.${account_id}`, "");
  const decide = useCommand<Schemas["StandingRequest"]>(
    (body, header) => api.PUT("/accounts/{account_id}/standing", { params: { path: { account_id }, header }, body }),
    forget,
  );
  return (
    <Card
      title={words.accounts.standing}
      aside={<Tag tone={state === "active" ? "good" : "bad"}>{words.operate.standings[state]}</Tag>}
    >
      <Facts of={[since ? [words.accounts.since, <When key="s" at={since} />] : null]} />
      {reason && <p className="text">{reason}</p>}
      {state !== "erased" && (
        <CommandForm
          command={decide}
          body={() => ({ state: next, reason: said })}
          send={words.accounts.stand[next]}
          tone={next === "active" ? "primary" : "danger"}
        >
          <p className="hint">{words.accounts.standMore[next]}</p>
          <Typed name="/reason" label={words.actions.reason} rows={3} value={said} onChange={setReason} required />
        </CommandForm>
      )}
    </Card>
  );
}

const ROLES = (["student", "employer", "educator", "operator"] as const).map((value) => ({
  value,
  label: words.roles[value],
}));

function GiveRole({ accountId }: { accountId: string }) {
  const [role, setRole] = useState<Role | "">("");
  const give = useCommand<Role>((wanted, header) =>
    api.PUT("/accounts/{account_id}/role", {
      params: { path: { account_id: accountId }, header },
      body: { role: wanted },
    }),
  );
  return (
    <Card title={words.accounts.role}>
      <p className="hint">{words.accounts.roleMore}</p>
      <CommandForm command={give} body={() => role as Role} send={words.accounts.giveRole} disabled={!role}>
        <Choice
          name="/role"
          label={words.profile.role}
          value={role}
          onChange={(value) => setRole(value as Role)}
          options={ROLES}
          empty={words.feedback.choose}
        />
        {role === "operator" && <p className="notice warn">{words.accounts.operatorMore}</p>}
      </CommandForm>
      {give.isSuccess && (
        <p className="notice" role="status">
          {words.accounts.given(words.roles[give.variables])}
        </p>
      )}
    </Card>
  );
}

function Erase({ standing: { account_id, state } }: { standing: Standing }) {
  const [typed, setTyped] = useState("");
  const erase = useCommand<undefined>((_, header) =>
    api.POST("/accounts/{account_id}/erasure", { params: { path: { account_id }, header } }),
  );
  if (state === "erased") return null;
  return (
    <Card title={words.accounts.erase}>
      <p className="hint">{words.accounts.eraseMore}</p>
      <div className="actions">
        <Ask button={words.accounts.erase} title={words.accounts.eraseTitle} tone="danger">
          {() => (
            <CommandForm
              command={erase}
              body={() => undefined}
              send={words.accounts.erase}
              tone="danger"
              disabled={typed.trim() !== account_id}
            >
              <p>{words.leaving.eraseSure}</p>
              <Typed name="account" label={words.accounts.eraseAccount} value={typed} onChange={setTyped} required />
            </CommandForm>
          )}
        </Ask>
      </div>
    </Card>
  );
}

/** Of a student: the figures that employers see with an application. */
function StudentRecord({ accountId }: { accountId: string }) {
  const record = $api.useQuery(
    "get",
    "/students/{account_id}/record",
    { params: { path: { account_id: accountId } } },
    { retry: false },
  );
  if (!record.data?.figures.length) return null;
  return (
    <Card title={words.record.title}>
      <Figures of={record.data.figures} />
    </Card>
  );
}
