// Before `npm run cli` and others that need the dependencies: a fresh clone may not have been started yet.
import { installDependencies } from './setup.mjs';

installDependencies();
