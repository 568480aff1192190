import { createContext, useContext } from "react";
import type { Session } from "./session";

export const CurrentSession = createContext<Session | null>(null);

/** The session of whoever is signed in, for pages that end it. */
export function useSession(): Session {
  const session = useContext(CurrentSession);
  if (!session) throw new Error("drawn before there was a session");
  return session;
}
