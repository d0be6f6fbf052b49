export type { Actor, AliasProposal } from './actors.js';
export type { PageFormat } from './format.js';
export { type ImportOptions, importRequirements, pageSlug, type RequirementImport } from './import.js';
export { type RequirementsJson, requirementsJson } from './json.js';
export { serviceTermText } from './port-text.js';
export type { Reading } from './services.js';
export { requirementsText } from './text.js';
