// Submit, poll and cancel a referral with fhir-kit-client (npm install fhir-kit-client). RELAIS and TOKEN come from the environment.
import { Client } from 'fhir-kit-client';
import { readFileSync } from 'node:fs';

const number = process.env.NUMBER ?? `${Date.now()}`;
const file = process.env.BUNDLE ?? new URL('fhir-transaction.json', import.meta.url);
const bundle = JSON.parse(readFileSync(file, 'utf8').replaceAll('2026-000002', number));
const demand = bundle.entry.map((entry) => entry.resource).find((each) => each.resourceType === 'ServiceRequest');
const [{ system, value }] = demand.identifier;
const client = new Client({ baseUrl: `${process.env.RELAIS}/referrals/fhir`, bearerToken: process.env.TOKEN });
const began = new Date().toISOString();

const { fhirVersion } = await client.capabilityStatement();
const { tokenUrl } = await client.smartAuthMetadata();
const answer = await client.transaction({ body: bundle });
const places = answer.entry.map((entry) => entry.response.location);
const id = places.find((place) => place.startsWith('Task/')).split('/')[1];

// The same demand once more, with the header that the standard names.
const options = { headers: { 'If-None-Exist': `identifier=${system}|${value}` } };
const known = await client.create({ resourceType: 'ServiceRequest', body: demand, options });

const polled = await client.search({ resourceType: 'Task', searchParams: { _lastUpdated: `ge${began}`, _include: 'Task:focus' } });
const seen = polled.entry.map((entry) => entry.resource).find((each) => each.id === id);

await client.patch({ resourceType: 'Task', id, jsonPatch: [{ op: 'replace', path: '/status', value: 'cancelled' }] });
const task = await client.read({ resourceType: 'Task', id });
console.log(JSON.stringify({ fhirVersion, tokenUrl: `${tokenUrl}`, task: id, known: known.id, polled: seen.status, status: task.status }));
