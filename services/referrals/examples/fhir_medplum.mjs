// Submit, poll and cancel a referral with @medplum/core (npm install @medplum/core). RELAIS and TOKEN come from the environment.
import { MedplumClient } from '@medplum/core';
import { readFileSync } from 'node:fs';

const number = process.env.NUMBER ?? `${Date.now()}`;
const file = process.env.BUNDLE ?? new URL('fhir-transaction.json', import.meta.url);
const bundle = JSON.parse(readFileSync(file, 'utf8').replaceAll('2026-000002', number));
const demand = bundle.entry.map((entry) => entry.resource).find((each) => each.resourceType === 'ServiceRequest');
const [{ system, value }] = demand.identifier;
const medplum = new MedplumClient({
  baseUrl: `${process.env.RELAIS}/`,
  fhirUrlPath: 'referrals/fhir',
  accessToken: process.env.TOKEN,
  cacheTime: 0,
});
const began = new Date().toISOString();

const answer = await medplum.executeBatch(bundle);
const places = answer.entry.map((entry) => entry.response.location);
const id = places.find((place) => place.startsWith('Task/')).split('/')[1];

// The same demand once more: the server answers with the one that it has.
const known = await medplum.createResourceIfNoneExist(demand, `identifier=${system}|${value}`);

const polled = await medplum.search('Task', `_lastUpdated=ge${began}&_include=Task:focus`);
const seen = polled.entry.map((entry) => entry.resource).find((each) => each.id === id);

await medplum.patchResource('Task', id, [{ op: 'replace', path: '/status', value: 'cancelled' }]);
const task = await medplum.readResource('Task', id);
console.log(JSON.stringify({ task: id, known: known.id, polled: seen.status, status: task.status }));
