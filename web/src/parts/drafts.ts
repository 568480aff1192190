import { useCallback, useEffect, useState } from "react";

const PREFIX = "microintern.draft.";
const OWNER = "microintern.drafts-of";

/** Whose drafts these are from now on: what somebody else left in this browser when their session ended is removed. */
export function keepDraftsOf(accountId: string): void {
  const owner = localStorage.getItem(OWNER);
  if (owner && owner !== accountId)
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  localStorage.setItem(OWNER, accountId);
}

/**
 * What somebody typed, kept in this browser until it is sent: it survives a reload, a crash and signing in again. Once it
 * was sent it is forgotten, and what stands there is what it began with, or what was sent.
 */
export function useDraft<T>(name: string, initial: T): [T, (value: T | ((old: T) => T)) => void, (sent?: T) => void] {
  const key = PREFIX + name;
  const [value, setValue] = useState<T>(() => read(key) ?? initial);
  const [dirty, setDirty] = useState(false);
  useEffect(() => {
    if (dirty) localStorage.setItem(key, JSON.stringify(value));
  }, [key, value, dirty]);
  const change = useCallback((next: T | ((old: T) => T)) => {
    setDirty(true);
    setValue(next);
  }, []);
  const forget = useCallback(
    (sent?: T) => {
      localStorage.removeItem(key);
      setDirty(false);
      setValue(sent ?? initial);
    },
    [key, initial],
  );
  return [value, change, forget];
}

/** A draft that another page is to go on with. */
export function leaveDraft<T>(name: string, value: T): void {
  localStorage.setItem(PREFIX + name, JSON.stringify(value));
}

/** What was sent of a draft and under which key, while nobody knows whether it arrived. */
interface Sent {
  said: string;
  key: string;
}

export function readSent(draft: string): Sent | null {
  return read<Sent>(sentOf(draft));
}

export function keepSent(draft: string, sent: Sent): void {
  localStorage.setItem(sentOf(draft), JSON.stringify(sent));
}

export function forgetSent(draft: string): void {
  localStorage.removeItem(sentOf(draft));
}

function sentOf(draft: string): string {
  return `${PREFIX}${draft}.sent`;
}

function read<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
