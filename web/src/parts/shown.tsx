import type { ReactNode } from "react";
import { Link } from "wouter";
import { Refused } from "../api/problems";
import { words } from "../words";
import { instant, ownZone, plain, relative } from "./format";

export function Card({ title, children, aside }: { title?: string; children: ReactNode; aside?: ReactNode }) {
  return (
    <section className="card">
      {title && (
        <header>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  );
}

export function Empty({ children, to, action }: { children: ReactNode; to?: string; action?: string }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {to && (
        <Link className="button primary" href={to}>
          {action}
        </Link>
      )}
    </div>
  );
}

export function Tag({ children, tone = "plain" }: { children: ReactNode; tone?: string }) {
  return <span className={`tag ${tone}`}>{children}</span>;
}

const TONES: Record<string, string> = {
  paid: "good",
  approved: "good",
  open: "info",
  awarded: "info",
  submitted: "warn",
  changes_requested: "warn",
  disputed: "bad",
  expired: "plain",
  cancelled: "plain",
};

export function StateTag({ state }: { state: string }) {
  return <Tag tone={TONES[state]}>{words.states[state as keyof typeof words.states] ?? plain(state)}</Tag>;
}

/** An instant on the reader's own clock; where the employer's differs, theirs too. */
export function When({ at, zone }: { at: string; zone?: string }) {
  const own = instant(at);
  const theirs = zone && zone !== ownZone() ? instant(at, zone) : own;
  return (
    <span className="when">
      <time dateTime={at}>{own}</time>
      {theirs !== own && <span className="hint">{words.common.inZone(theirs, zone ?? "")}</span>}
    </span>
  );
}

export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={instant(at)}>
      {relative(at)}
    </time>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface ReadProps<T> {
  of: Asked<T>;
  children: (data: T) => ReactNode;
  /** Whether that is all there is on the page. */
  isPage?: boolean;
}

/** What was read, or that it is being read, or why it could not be. What was read before stays when reading fails. */
export function Read<T>({ of, children, isPage }: ReadProps<T>) {
  if (of.data !== undefined) return children(of.data);
  if (of.isPending)
    return (
      <p className="loading" role="status">
        {words.common.loading}
      </p>
    );
  return <Failure error={of.error} again={of.refetch} isPage={isPage} />;
}

interface FailureProps {
  error: unknown;
  again?: () => unknown;
  isPage?: boolean;
}

export function Failure({ error, again, isPage }: FailureProps) {
  const Title = isPage ? "h1" : "h2";
  const missing = error instanceof Refused && (error.status === 404 || error.status === 403);
  return (
    <div className="empty" role="alert">
      <Title>{missing ? words.problems.missing : words.problems.failed}</Title>
      <p>{missing ? words.problems.missingMore : (error as Error)?.message}</p>
      {missing || !again ? (
        <Link className="button" href="/">
          {words.common.home}
        </Link>
      ) : (
        <button type="button" className="button" onClick={() => again()}>
          {words.common.again}
        </button>
      )}
    </div>
  );
}

/** Facts with their names. */
export function Facts({ of }: { of: readonly (readonly [string, ReactNode] | null | false)[] }) {
  return (
    <dl className="facts">
      {of.map(
        (fact) =>
          fact && (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
