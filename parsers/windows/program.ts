/** Paths of programs in one spelling, so that rules naming the same program share a coin. */
const VARIABLES: readonly (readonly [variable: string, path: string])[] = [
  ['%systemroot%', 'c:\\windows'],
  ['%windir%', 'c:\\windows'],
  ['%programfiles(x86)%', 'c:\\program files (x86)'],
  ['%programfiles%', 'c:\\program files'],
  ['%systemdrive%', 'c:'],
];

/** Lower case, standard variables expanded to their usual places. */
export function programPath(text: string): string {
  const path = text.toLowerCase().replaceAll('/', '\\');
  for (const [variable, place] of VARIABLES) if (path.startsWith(variable)) return place + path.slice(variable.length);
  return path;
}

/** Programs that host several services or the kernel: the program alone does not say who listens. */
export const hostsServices = (path: string): boolean =>
  path === 'system' || path.endsWith('\\svchost.exe') || path === 'svchost.exe';
