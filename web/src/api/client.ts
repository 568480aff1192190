import createClient, { type Client, type Middleware } from "openapi-fetch";
import createQueryClient, { type OpenapiQueryClient } from "openapi-react-query";
import type { Session } from "../session/session";
import { Refused } from "./problems";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Api = Client<paths>;

/** The API as the person of this page, for commands. There once `connect` was called, before anything is drawn. */
export let api: Api;
/** The same, for reading: each answer is kept, shared and asked for anew by TanStack Query. */
export let $api: OpenapiQueryClient<paths>;

/** A token that ran out is replaced once; what is refused is thrown. */
export function connect(apiUrl: string, session: Session): void {
  api = createClient<paths>({ baseUrl: apiUrl, fetch: (request) => send(request, session) });
  api.use(refusals);
  $api = createQueryClient(api);
}

async function send(request: Request, session: Session): Promise<Response> {
  const again = request.clone();
  try {
    const first = await fetchAs(request, await session.token());
    return first.status === 401 ? await fetchAs(again, await session.renewed()) : first;
  } catch {
    throw new Refused(0, {}); // neither the API nor Cognito answered
  }
}

function fetchAs(request: Request, token: string | null): Promise<Response> {
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  return fetch(request);
}

const refusals: Middleware = {
  async onResponse({ response }) {
    if (response.ok) return;
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem);
  },
};
