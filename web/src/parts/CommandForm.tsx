import type { UseMutationResult } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { Button } from "react-aria-components";
import { type FieldErrors, fieldErrors, Refused } from "../api/problems";
import { words } from "../words";
import { Errors } from "./Field";

interface CommandFormProps<Body> {
  command: UseMutationResult<unknown, Error, Body>;
  /** What is to be sent, read when it is sent. */
  body: () => Body;
  send: string;
  /** What the button is about, said to screen readers where several look alike. */
  about?: string;
  children?: ReactNode;
  tone?: "primary" | "danger" | "quiet";
  /** Beside the button. */
  also?: ReactNode;
  disabled?: boolean;
}

/** A form of one command. What was refused stands at its field, or above; what was typed stays. */
export function CommandForm<Body>(props: CommandFormProps<Body>) {
  const { command, body, send, about, children, tone = "primary", also, disabled } = props;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (command.error) form.current?.querySelector<HTMLElement>("[aria-invalid=true], [role=alert]")?.focus();
  }, [command.error]);
  return (
    <Errors value={fieldErrors(command.error)}>
      <form
        ref={form}
        className="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          // A dialog that is opened beside the button stands in this form for React, wherever it is in the page.
          event.stopPropagation();
          if (!command.isPending) command.mutate(body());
        }}
      >
        <Wrong error={command.error} form={form} />
        {children}
        <div className="actions">
          <Button
            type="submit"
            className={`button ${tone}`}
            aria-label={about}
            isPending={command.isPending}
            isDisabled={disabled}
          >
            {command.isPending ? words.common.sending : send}
          </Button>
          {also}
        </div>
      </form>
    </Errors>
  );
}

interface WrongProps {
  error: Error | null;
  form?: React.RefObject<HTMLFormElement | null>;
}

/** What went wrong as a whole, with those fields that the form does not show. */
export function Wrong({ error, form }: WrongProps) {
  if (!error) return null;
  const elsewhere = Object.entries(fieldErrors(error)).filter(([pointer]) => !isShown(pointer, form?.current ?? null));
  return (
    <div className="notice bad" role="alert" tabIndex={-1}>
      <p>{error.message}</p>
      {error instanceof Refused && error.isConflict && error.problem.state && <p>{words.problems.movedOn}</p>}
      <Elsewhere errors={Object.fromEntries(elsewhere)} />
    </div>
  );
}

function isShown(pointer: string, form: HTMLFormElement | null): boolean {
  return form?.querySelector(`[name="${CSS.escape(pointer)}"]`) != null;
}

function Elsewhere({ errors }: { errors: FieldErrors }) {
  const found = Object.entries(errors);
  if (!found.length) return null;
  return (
    <ul>
      {found.map(([pointer, detail]) => (
        <li key={pointer}>
          <code>{pointer}</code> {detail}
        </li>
      ))}
    </ul>
  );
}
