import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "../api/config";
import { base64url, Session } from "./session";

const CONFIG: Config = { stage: "local", apiUrl: "", authUrl: "https://auth", accountsUrl: "", clientId: "client" };
const asked: URLSearchParams[] = [];
let answers: (object | null)[] = [];

class Kept extends Map<string, string> {
  getItem = (name: string) => this.get(name) ?? null;
  setItem = (name: string, value: string) => this.set(name, value);
  removeItem = (name: string) => this.delete(name);
}

beforeEach(() => {
  asked.length = 0;
  answers = [];
  vi.stubGlobal("sessionStorage", new Kept());
  vi.stubGlobal("location", { origin: "https://console", assign: vi.fn() });
  vi.stubGlobal("fetch", async (_: string, { body }: { body: URLSearchParams }) => {
    asked.push(body);
    const answer = answers.shift();
    return { ok: answer != null, json: async () => answer };
  });
});

afterEach(() => vi.unstubAllGlobals());

const TOKENS = { access_token: "access", refresh_token: "refresh", expires_in: 3_600 };

async function signedIn(session: Session): Promise<URLSearchParams> {
  await session.signIn("/briefs/1");
  const url = new URL(vi.mocked(location.assign).mock.calls[0]?.[0] as string);
  return url.searchParams;
}

describe("signing in", () => {
  test("shows a challenge whose verifier only this tab knows", async () => {
    const session = new Session(CONFIG);
    const sent = await signedIn(session);
    answers = [TOKENS];
    const path = await session.arrive(new URLSearchParams({ code: "code", state: sent.get("state") ?? "" }));
    const verifier = asked[0]?.get("code_verifier") ?? "";
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    expect(sent.get("code_challenge_method")).toBe("S256");
    expect(sent.get("code_challenge")).toBe(base64url(new Uint8Array(digest)));
    expect(verifier.length).toBeGreaterThanOrEqual(43);
    expect(path).toBe("/briefs/1");
    expect(await session.token()).toBe("access");
  });

  test("takes no code that it did not ask for", async () => {
    const session = new Session(CONFIG);
    await signedIn(session);
    expect(await session.arrive(new URLSearchParams({ code: "code", state: "another" }))).toBeNull();
    expect(asked).toEqual([]);
    expect(session.isThere).toBe(false);
  });

  test("keeps no access token anywhere", async () => {
    const session = new Session(CONFIG);
    const sent = await signedIn(session);
    answers = [TOKENS];
    await session.arrive(new URLSearchParams({ code: "code", state: sent.get("state") ?? "" }));
    expect(JSON.stringify([...(sessionStorage as unknown as Kept)])).not.toContain('"access"');
  });
});

describe("a session", () => {
  test("is renewed once, however many ask at the same time", async () => {
    sessionStorage.setItem("microintern.refresh", "refresh");
    answers = [{ ...TOKENS, refresh_token: undefined }];
    const session = new Session(CONFIG);
    expect(await Promise.all([session.token(), session.token(), session.renewed()])).toEqual([
      "access",
      "access",
      "access",
    ]);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.get("refresh_token")).toBe("refresh");
  });

  test("that cannot go on is over, and says so", async () => {
    sessionStorage.setItem("microintern.refresh", "old");
    const session = new Session(CONFIG);
    const heard = vi.fn();
    session.subscribe(heard);
    expect(await session.token()).toBeNull();
    expect(session.expired).toBe(true);
    expect(session.isThere).toBe(false);
    expect(heard).toHaveBeenCalledOnce();
  });

  test("goes on when Cognito was in trouble for a moment", async () => {
    sessionStorage.setItem("microintern.refresh", "refresh");
    vi.stubGlobal("fetch", async () => ({ ok: false, status: 503 }));
    const session = new Session(CONFIG);
    await expect(session.token()).rejects.toThrow();
    expect(session.isThere).toBe(true);
  });

  test("of nobody asks nobody", async () => {
    expect(await new Session(CONFIG).token()).toBeNull();
    expect(asked).toEqual([]);
  });
});
