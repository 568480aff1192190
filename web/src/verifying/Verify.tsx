import { useState } from "react";
import { Button, FileTrigger } from "react-aria-components";
import { api, type Schemas } from "../api/client";
import { Refused } from "../api/problems";
import { Wrong } from "../parts/CommandForm";
import { day } from "../parts/format";
import { Card, Facts } from "../parts/shown";
import { words } from "../words";
import { isPicture } from "./picture";

/** Whether a credential that somebody handed over is genuine: a badge, or the document itself. */
export default function Verify() {
  const [found, setFound] = useState<Schemas["Verification"] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const check = async (file: File) => {
    setFound(null);
    setError(null);
    try {
      setFound(await verified(file));
    } catch (wrong) {
      setError(wrong as Error);
    }
  };
  return (
    <>
      <h1>{words.verifying.title}</h1>
      <Card>
        <p>{words.verifying.more}</p>
        <div className="actions">
          <FileTrigger
            acceptedFileTypes={["image/png", "application/json", ".json"]}
            onSelect={(files) => files?.[0] && check(files[0])}
          >
            <Button className="button primary">{words.verifying.choose}</Button>
          </FileTrigger>
        </div>
        <Wrong error={error} />
        {found && <Found verification={found} />}
      </Card>
    </>
  );
}

function Found({ verification: { valid, detail, id, name, valid_from } }: { verification: Schemas["Verification"] }) {
  return (
    <div className={`notice ${valid ? "" : "bad"}`} role="status">
      <p>
        <strong>{valid ? words.verifying.valid : words.verifying.notValid}</strong> {detail}
      </p>
      <Facts
        of={[
          name ? [words.credentials.title, name] : null,
          valid_from ? [words.verifying.since, day(valid_from)] : null,
          id
            ? [
                words.verifying.address,
                <span key="id" className="long">
                  {id}
                </span>,
              ]
            : null,
        ]}
      />
    </div>
  );
}

/** It changes nothing, so no key goes with it. A picture is sent as it is, a document as what it says. */
async function verified(file: File): Promise<Schemas["Verification"]> {
  if (isPicture(new Uint8Array(await file.slice(0, 8).arrayBuffer()))) {
    const { data } = await api.POST("/credentials/verification", {
      body: file as unknown as Record<string, unknown>,
      bodySerializer: () => file,
      headers: { "Content-Type": "image/png" },
    });
    return data as Schemas["Verification"];
  }
  const { data } = await api.POST("/credentials/verification", { body: documentIn(await file.text()) });
  return data as Schemas["Verification"];
}

function documentIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(422, { detail: words.verifying.noDocument });
  }
}
