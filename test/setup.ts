/** Random tests repeat themselves: the same inputs every run, others with FLOWGAP_SEED. */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['FLOWGAP_SEED'] ?? 20261122) });
