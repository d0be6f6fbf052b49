/** One self-contained page: what is broken and why, what to do, and every flow with its evidence. */
import type Handlebars from 'handlebars';
import runtime from 'handlebars/runtime.js';
import type { AuditResult } from '../../src/model/result.js';
import type { Report } from '../types.js';
import { SCRIPT_HASH, STYLE_HASH, templates } from './templates.generated.js';
import { type PageView, pageView } from './view/page.js';

interface Page extends PageView {
  readonly policy: string;
}

type Template = (view: Page) => string;

/** Nothing is fetched, sent or framed; only the page's own style and script run. */
const POLICY = [
  "default-src 'none'",
  `script-src '${SCRIPT_HASH}'`,
  `style-src '${STYLE_HASH}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const prepare = (): Template => {
  // The runtime's own typings are empty; it is the part of Handlebars without the compiler.
  const handlebars = (runtime as unknown as Pick<typeof Handlebars, 'create'>).create();
  const compiled = new Map([...templates].map(([name, specification]) => [name, handlebars.template<Page>(specification)]));
  for (const [name, template] of compiled) handlebars.registerPartial(name, template);
  const page = compiled.get('page');
  if (page === undefined) throw new Error('the page template is missing: run scripts/build-templates.mjs');
  return page;
};

let prepared: Template | undefined;

const render = (result: AuditResult): string => {
  prepared ??= prepare();
  return `${prepared({ ...pageView(result), policy: POLICY })}\n`;
};

export const htmlReport: Report = { id: 'html', title: 'Self-contained page for people', extension: 'html', render };
