import type { Config } from "../api/config";
import { Refused } from "../api/problems";

export type OwnRole = "employer" | "student";

/** Cognito's API takes these two without any key: that is how an account begins. */
async function call(config: Config, action: string, body: object): Promise<void> {
  const answer = await fetch(config.accountsUrl, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify({ ClientId: config.clientId, ...body }),
  }).catch(() => {
    throw new Refused(0, {});
  });
  if (answer.ok) return;
  const said = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, {
    code: String(said.__type ?? "")
      .split("#")
      .pop(),
    detail: said.message,
  });
}

export function signUp(config: Config, email: string, password: string, role: OwnRole): Promise<void> {
  const attributes = { email, "custom:role": role };
  const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
  return call(config, "SignUp", { Username: email, Password: password, UserAttributes });
}

export function confirmSignUp(config: Config, email: string, code: string): Promise<void> {
  return call(config, "ConfirmSignUp", { Username: email, ConfirmationCode: code });
}
