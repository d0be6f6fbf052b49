import { VENDORS } from '../../../parsers/registry.js';
import { REPORTS } from '../../../reports/registry.js';

export function formatsCommand(): void {
  const lines = ['Exports that are read, and how to make them:', ''];
  for (const vendor of VENDORS) {
    lines.push(vendor.title);
    for (const form of vendor.forms.filter((one) => !one.recognisedOnly))
      lines.push(`  ${form.id.padEnd(28)} ${form.title}`, `  ${''.padEnd(28)} ${form.command}`);
    const others = vendor.forms.filter((form) => form.recognisedOnly).map((form) => form.title);
    if (others.length > 0) lines.push(`  recognised, but not read by this version: ${others.join('; ')}`);
    lines.push('');
  }
  lines.push(`Reports: ${REPORTS.map((report) => report.id).join(', ')}`, '');
  lines.push('Requirement pages: Markdown, HTML, CSV, YAML (docs/requirements.md)');
  process.stdout.write(`${lines.join('\n')}\n`);
}
