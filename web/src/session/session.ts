import type { Config } from "../api/config";
import { words } from "../words";

interface Tokens {
  access_token: string;
  refresh_token?: string;
  expires_in: number;
}

const VERIFIER = "microintern.verifier";
const RETURN_TO = "microintern.return-to";
const REFRESH = "microintern.refresh";
const FAREWELL = "microintern.farewell";
const EARLY_MS = 60_000;

/**
 * Somebody who is signed in, by Cognito's code flow with PKCE (RFC 7636).
 *
 * The access token is in memory only. The refresh token is in the tab's own session storage, which no other site
 * and no other tab can read and which goes with the tab; scripts from elsewhere cannot run here at all.
 */
export class Session {
  private access: { token: string; until: number } | null = null;
  private renewing: Promise<string | null> | null = null;
  private readonly listeners = new Set<() => void>();
  /** Set once a session that there was could not go on. */
  expired = false;

  constructor(private readonly config: Config) {}

  get isThere(): boolean {
    return !this.expired && sessionStorage.getItem(REFRESH) !== null;
  }

  /** Hear when it expires. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A token that is good for another minute at least; null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.access && this.access.until - EARLY_MS > Date.now()) return this.access.token;
    return this.renewed();
  }

  /** A fresh token. Whoever asks while one is under way gets that one. */
  renewed(): Promise<string | null> {
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async renew(): Promise<string | null> {
    const refresh = sessionStorage.getItem(REFRESH);
    if (!refresh) return null;
    const tokens = await this.ask({ grant_type: "refresh_token", refresh_token: refresh });
    if (tokens === null) this.expire();
    return tokens;
  }

  /** Go and sign in; whoever comes back is where they were. */
  async signIn(returnTo: string): Promise<void> {
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(48)));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const state = base64url(crypto.getRandomValues(new Uint8Array(16)));
    sessionStorage.setItem(VERIFIER, JSON.stringify({ verifier, state }));
    sessionStorage.setItem(RETURN_TO, returnTo);
    const asked = new URLSearchParams({
      response_type: "code",
      client_id: this.config.clientId,
      redirect_uri: redirectUri(),
      scope: "openid email profile",
      state,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
    });
    location.assign(`${this.config.authUrl}/oauth2/authorize?${asked}`);
  }

  /** Take the code that signing in came back with; where to go on, or null when it is not ours. */
  async arrive(answer: URLSearchParams): Promise<string | null> {
    const kept = JSON.parse(sessionStorage.getItem(VERIFIER) ?? "null");
    sessionStorage.removeItem(VERIFIER);
    const code = answer.get("code");
    if (!kept || !code || answer.get("state") !== kept.state) return null;
    const token = await this.ask({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri(),
      code_verifier: kept.verifier,
    });
    return token && (sessionStorage.getItem(RETURN_TO) ?? "/");
  }

  /** Forget everything of this person here, and at Cognito; what is to be said to them then comes back with them. */
  signOut(farewell?: string): void {
    this.access = null;
    sessionStorage.clear();
    localStorage.clear();
    if (farewell) sessionStorage.setItem(FAREWELL, farewell);
    const asked = new URLSearchParams({ client_id: this.config.clientId, logout_uri: `${location.origin}/` });
    location.assign(`${this.config.authUrl}/logout?${asked}`);
  }

  /** What somebody who has just left is still to be told: once. */
  takeFarewell(): string | null {
    const farewell = sessionStorage.getItem(FAREWELL);
    sessionStorage.removeItem(FAREWELL);
    return farewell;
  }

  private async ask(grant: Record<string, string>): Promise<string | null> {
    const body = new URLSearchParams({ client_id: this.config.clientId, ...grant });
    const answer = await fetch(`${this.config.authUrl}/oauth2/token`, { method: "POST", body });
    if (answer.status >= 500 || answer.status === 429) throw new Error(words.problems.unknown(answer.status));
    if (!answer.ok) return null;
    const tokens: Tokens = await answer.json();
    this.access = { token: tokens.access_token, until: Date.now() + tokens.expires_in * 1_000 };
    if (tokens.refresh_token) sessionStorage.setItem(REFRESH, tokens.refresh_token);
    this.expired = false;
    return tokens.access_token;
  }

  private expire(): void {
    this.access = null;
    this.expired = true;
    sessionStorage.removeItem(REFRESH);
    for (const listener of this.listeners) listener();
  }
}

function redirectUri(): string {
  return `${location.origin}/signed-in`;
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
