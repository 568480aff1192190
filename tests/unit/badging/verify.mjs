// Verifies credentials with Digital Bazaar's libraries, which share no code with what signs them here.
//
// Reads {issuer, contexts, credentials, lists, now} from standard input: the issuer's document, JSON-LD contexts by address,
// signed documents, status list credentials by address, and the time. Writes, for each document, what is wrong with it, or null.

import {readFileSync} from 'node:fs';

import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';

const given = JSON.parse(readFileSync(0, 'utf8'));

// Nothing here depends on when a test runs.
const now = new Date(given.now).getTime();
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length > 0 ? given : [now]));
  }
};

const MULTIKEY = 'https://w3id.org/security/multikey/v1';

// As a resolver of controlled identifiers finds them: the document itself, and what its fragments name.
function resolved(url) {
  const {issuer} = given;
  const method = issuer.verificationMethod.find(({id}) => id === url);
  if(method) {
    return {'@context': MULTIKEY, ...method};
  }
  return url === issuer.id ? issuer : undefined;
}

async function documentLoader(url) {
  const document = given.contexts[url] ?? given.lists?.[url] ?? resolved(url);
  if(document === undefined) {
    throw new Error(`nothing is fetched, not even ${url}`);
  }
  return {contextUrl: null, documentUrl: url, document};
}

async function wrong(credential) {
  const found = await verifyCredential({
    credential,
    suite: new DataIntegrityProof({cryptosuite}),
    documentLoader,
    checkStatus: given.lists ? checkStatus : () => ({verified: true}),
  });
  const entries = found.statusResult?.results ?? [];
  if(found.verified && entries.some(({status}) => status)) {
    return 'revoked';
  }
  if(found.verified) {
    // A list that is looked up has to have an answer.
    return given.lists && credential.credentialStatus && entries.length === 0 ? 'no status' : null;
  }
  const errors = found.error?.errors ?? [found.error ?? found.statusResult?.error ?? found.statusResult];
  return errors.map(error => String(error?.message ?? JSON.stringify(error))).join('; ');
}

const answers = [];
for(const credential of given.credentials) {
  answers.push(await wrong(credential).catch(error => String(error.message)));
}
process.stdout.write(JSON.stringify(answers));
