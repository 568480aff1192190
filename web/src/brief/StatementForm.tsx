import type { ReactNode } from "react";
import type { Schemas } from "../api/client";
import { type Headers, useCommand } from "../api/commands";
import { CommandForm } from "../parts/CommandForm";
import { useDraft } from "../parts/drafts";
import { Typed } from "../parts/Field";
import { Evidence } from "./Evidence";

const NO_FILES: string[] = [];

interface StatementFormProps {
  brief: Schemas["BriefView"];
  /** What the drafts of this statement are called. */
  draft: string;
  label: string;
  send: string;
  tone?: "primary" | "danger";
  canAdd?: boolean;
  post: (body: Schemas["DisputeRequest"], header: Headers) => Promise<unknown>;
  children?: ReactNode;
}

/** What one side of a dispute says, and the files that it rests on. */
export function StatementForm({ brief, draft, label, send, tone, canAdd, post, children }: StatementFormProps) {
  const [reason, setReason, forgetReason] = useDraft(`${draft}.${brief.brief_id}`, "");
  const [fileIds, setFileIds, forgetFiles] = useDraft(`${draft}-files.${brief.brief_id}`, NO_FILES);
  const say = useCommand(post, () => {
    forgetReason();
    forgetFiles();
  });
  return (
    <CommandForm command={say} body={() => ({ reason, file_ids: fileIds })} send={send} tone={tone}>
      {children}
      <Typed name="/reason" label={label} rows={6} value={reason} onChange={setReason} required />
      <Evidence briefId={brief.brief_id} chosen={fileIds} onChoose={setFileIds} canAdd={canAdd ?? false} />
    </CommandForm>
  );
}
