/**
 * Names in exports are other people's text. Control characters drive terminals, bidirectional marks reorder a line so that
 * it reads as another rule, invisible ones make two names look alike. Every report for people shows them as `<U+202E>`.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

const asCode = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** One line of text that hides nothing: line breaks and tabs become a space, other invisible characters their code. */
export const visible = (text: string): string => text.replace(BREAKS, ' ').replace(HIDDEN, asCode);

/** As `visible`, but line breaks and tabs stay as they are: for cells that may hold them. */
export const visibleText = (text: string): string =>
  text.replace(HIDDEN, (character) => (/[\t\n\r]/.test(character) ? character : asCode(character)));

/** As `visibleText`, with line feeds only: for rules as the vendor writes them. */
export const visibleBlock = (text: string): string => visibleText(text.replace(/\r\n?/g, '\n'));
