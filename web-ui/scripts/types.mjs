// Writes src/api/schema.d.ts from the API's own description, so that the pages cannot drift from it.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

const source = new URL('../../api/src/main/resources/io/tlsfleet/api/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);
const head = '// Generated from openapi.json by scripts/types.mjs; never edit, never commit.\n';

const text = head + astToString(await openapiTS(source));
const before = await readFile(target, 'utf8').catch(() => '');
if (before !== text) await writeFile(target, text);
