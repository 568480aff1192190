import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Tick } from "../parts/Field";
import { Figures } from "../parts/Figures";
import { day } from "../parts/format";
import { byCursor, Listed } from "../parts/pages";
import { Save } from "../parts/Save";
import { jsonOf } from "../parts/saving";
import { Card, Empty, Read, Tag } from "../parts/shown";
import { words } from "../words";

/** Proof of what a student did, and who may see it. */
export default function Credentials() {
  const credentials = $api.useInfiniteQuery("get", "/me/credentials", {}, byCursor);
  return (
    <>
      <h1>{words.credentials.title}</h1>
      <p>
        <Link href="/verify">{words.verifying.title}</Link>
      </p>
      <Listed
        of={credentials}
        empty={
          <Empty to="/find" action={words.nav.find}>
            {words.credentials.none}
          </Empty>
        }
      >
        {(items) => items.map((credential) => <Credential key={credential.credential_id} credential={credential} />)}
      </Listed>
      <OwnRecord />
    </>
  );
}

function Credential({ credential }: { credential: Schemas["CredentialView"] }) {
  const isPublic = credential.choices.public === true && credential.state === "issued";
  return (
    <Card
      title={credential.title}
      aside={
        <Tag tone={isPublic ? "good" : "plain"}>
          {isPublic ? words.credentials.isPublic : words.credentials.isPrivate}
        </Tag>
      }
    >
      <p className="hint">{words.credentials.issued(day(credential.issued_at))}</p>
      {credential.state === "revoked" && <p className="error">{words.credentials.revoked(credential.reason ?? "")}</p>}
      {isPublic && (
        <p>
          <a href={credential.url} target="_blank" rel="noreferrer">
            {credential.url}
          </a>
        </p>
      )}
      {credential.state === "issued" && <Visibility credential={credential} />}
      {credential.state !== "erased" && <Copies credential={credential} />}
    </Card>
  );
}

function Visibility({ credential }: { credential: Schemas["CredentialView"] }) {
  const { credential_id } = credential;
  const now = credential.choices;
  const initial = {
    public: now.public ?? false,
    show_name: now.show_name ?? false,
    show_employer: now.show_employer ?? false,
    show_scores: now.show_scores ?? false,
  };
  const [chosen, change, forget] = useDraft(`credential.${credential_id}`, initial);
  const choose = useCommand<Schemas["VisibilityRequest"]>(
    (body, header) =>
      api.PUT("/me/credentials/{credential_id}/visibility", { params: { path: { credential_id }, header }, body }),
    () => forget(chosen),
  );
  const ticks = Object.keys(initial) as (keyof typeof initial)[];
  return (
    <CommandForm command={choose} body={() => chosen} send={words.common.save}>
      {ticks.map((name) => (
        <Tick
          key={name}
          label={words.credentials.choices[name]}
          checked={chosen[name]}
          onChange={(on) => change((old) => ({ ...old, [name]: on }))}
        />
      ))}
    </CommandForm>
  );
}

/** The signed document, to keep and to hand on; and the same as a picture. */
function Copies({ credential: { credential_id } }: { credential: Schemas["CredentialView"] }) {
  const params = { path: { credential_id } };
  const badge = async () => {
    const { data } = await api.GET("/me/credentials/{credential_id}/badge", { params, parseAs: "blob" });
    return data as unknown as Blob;
  };
  const document = async () => {
    const { data } = await api.GET("/me/credentials/{credential_id}", { params });
    return jsonOf(data?.credential);
  };
  return (
    <div className="actions">
      <Save label={words.credentials.badge} name={`badge-${credential_id}.png`} read={badge} />
      <Save label={words.credentials.document} name={`credential-${credential_id}.json`} read={document} />
    </div>
  );
}

function OwnRecord() {
  const { account_id } = useKnownMe();
  const figures = $api.useQuery("get", "/students/{account_id}/record", { params: { path: { account_id } } });
  return (
    <>
      <Card title={words.record.title}>
        <Read of={figures}>{(found) => <Figures of={found.figures} />}</Read>
      </Card>
      <Marks />
    </>
  );
}

function Marks() {
  const record = $api.useQuery("get", "/me/record");
  if (!record.data?.marks.length) return null;
  return (
    <Card title={words.record.marks}>
      <ul className="rows">
        {record.data.marks.map((mark) => (
          <li key={`${mark.brief_id} ${mark.at}`}>
            {mark.reason} <span className="hint">{day(mark.at)}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}
