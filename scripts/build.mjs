// Compiles to dist/: into a new folder first, so that dist/ is never half built. Nothing is copied.
import { spawnSync } from 'node:child_process';
import { chmodSync, renameSync, rmSync } from 'node:fs';

const next = `dist.${process.pid}.tmp`;
const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', next],
  { stdio: 'inherit' },
);
if (status !== 0) {
  rmSync(next, { recursive: true, force: true });
  process.exit(status ?? 1);
}
chmodSync(`${next}/src/cli/main.js`, 0o755);
rmSync('dist', { recursive: true, force: true });
renameSync(next, 'dist');
