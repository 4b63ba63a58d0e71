import { writeFileSync } from 'node:fs';
import { openApiFile, openApiText, services } from './openapi.ts';

for (const service of services) writeFileSync(openApiFile(service), await openApiText(service));
