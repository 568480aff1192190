import { useState } from "react";
import { Link } from "wouter";
import { $api, api, type Schemas } from "../api/client";
import { useCommand } from "../api/commands";
import { useKnownMe } from "../api/me";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { Figures } from "../parts/Figures";
import { day } from "../parts/format";
import { Card, Facts, Read, Tag } from "../parts/shown";
import { words } from "../words";
import { Invitations, Members } from "./People";

/** What an employer acts for: founded or joined once, and run by its owners. */
export default function Organisation() {
  const { organisation_id, member_role } = useKnownMe();
  if (!organisation_id) return <NoOrganisation />;
  return <Found organisationId={organisation_id} owns={member_role === "owner"} />;
}

function NoOrganisation() {
  return (
    <>
      <h1>{words.organisation.title}</h1>
      <div className="columns even">
        <FoundOne />
        <Join />
      </div>
    </>
  );
}

function FoundOne() {
  const initial = { name: "", website: "", about: "" };
  const [said, change, forget] = useDraft("organisation", initial);
  const found = useCommand<Schemas["OrganisationRequest"]>(
    (body, header) => api.POST("/organisations", { params: { header }, body }),
    forget,
    "organisation",
  );
  const set = (name: keyof typeof initial) => (value: string) => change((old) => ({ ...old, [name]: value }));
  return (
    <Card title={words.organisation.found}>
      <CommandForm
        command={found}
        body={() => ({ name: said.name, website: said.website.trim() || null, about: said.about.trim() || null })}
        send={words.organisation.found}
      >
        <Typed name="/name" label={words.organisation.name} value={said.name} onChange={set("name")} required />
        <Typed
          name="/website"
          type="url"
          label={words.organisation.website}
          value={said.website}
          onChange={set("website")}
        />
        <Typed name="/about" label={words.organisation.about} rows={3} value={said.about} onChange={set("about")} />
      </CommandForm>
    </Card>
  );
}

function Join() {
  const [code, setCode] = useState("");
  const join = useCommand<string>((said, header) =>
    api.POST("/me/organisation", { params: { header }, body: { code: said } }),
  );
  return (
    <Card title={words.organisation.join}>
      <CommandForm command={join} body={() => code.trim()} send={words.organisation.join}>
        <Typed name="/code" label={words.organisation.code} value={code} onChange={setCode} required />
      </CommandForm>
    </Card>
  );
}

interface OfProps {
  organisationId: string;
  owns: boolean;
}

function Found({ organisationId, owns }: OfProps) {
  const params = { params: { path: { organisation_id: organisationId } } };
  const organisation = $api.useQuery("get", "/organisations/{organisation_id}", params);
  const isTeaching = useKnownMe().role === "educator";
  return (
    <Read of={organisation} isPage>
      {(found) => (
        <>
          <h1>{found.name}</h1>
          <div className="columns even">
            <div>
              <Who organisation={found} owns={owns} />
              {owns && <Invitations organisationId={organisationId} />}
              {owns && !isTeaching && <ToWebhooks />}
            </div>
            <div>
              <Members organisationId={organisationId} owns={owns} />
              {!isTeaching && <OwnRecord organisationId={organisationId} />}
            </div>
          </div>
        </>
      )}
    </Read>
  );
}

/** What it is, and how it stands with the platform. */
function Who({ organisation, owns }: { organisation: Schemas["OrganisationView"]; owns: boolean }) {
  const isTeaching = organisation.category === "institution";
  return (
    <Card
      title={words.organisation.title}
      aside={
        <Tag tone={organisation.state === "approved" ? "good" : "warn"}>
          {words.organisation.states[organisation.state]}
        </Tag>
      }
    >
      {organisation.state === "waiting" && (
        <p>{isTeaching ? words.organisation.foundTeaching : words.organisation.waiting}</p>
      )}
      {organisation.reason && <p className="text">{organisation.reason}</p>}
      <Facts
        of={[
          organisation.website
            ? [
                words.organisation.website,
                <a key="w" href={organisation.website}>
                  {organisation.website}
                </a>,
              ]
            : null,
          [words.organisation.founded, day(organisation.founded_at)],
        ]}
      />
      {organisation.about && <p className="text">{organisation.about}</p>}
      {owns && <Address organisation={organisation} />}
    </Card>
  );
}

function ToWebhooks() {
  return (
    <Card title={words.webhooks.title}>
      <p className="hint">{words.webhooks.linkMore}</p>
      <p>
        <Link href="/organisation/webhooks">{words.webhooks.link}</Link>
      </p>
    </Card>
  );
}

function OwnRecord({ organisationId }: Pick<OfProps, "organisationId">) {
  const record = $api.useQuery("get", "/organisations/{organisation_id}/record", {
    params: { path: { organisation_id: organisationId } },
  });
  return (
    <Card title={words.record.title}>
      <Read of={record}>{({ figures }) => <Figures of={figures} />}</Read>
    </Card>
  );
}

function Address({ organisation }: { organisation: Schemas["OrganisationView"] }) {
  const { organisation_id } = organisation;
  const [address, setAddress, forget] = useDraft("organisation-address", organisation.mailing_address ?? "");
  const save = useCommand<Schemas["AddressRequest"]>(
    (body, header) =>
      api.PUT("/organisations/{organisation_id}/address", { params: { path: { organisation_id }, header }, body }),
    () => forget(address),
  );
  return (
    <CommandForm command={save} body={() => ({ mailing_address: address })} send={words.common.save} tone="quiet">
      <Typed
        name="/mailing_address"
        label={words.organisation.address}
        hint={words.organisation.addressMore}
        rows={3}
        value={address}
        onChange={setAddress}
        required
      />
    </CommandForm>
  );
}
