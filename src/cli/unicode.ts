// In: the environment and --ascii. Out: whether the output may hold more than ASCII.

/**
 * A locale that names another character set than UTF-8 speaks against it (POSIX: LC_ALL, else LC_CTYPE, else LANG). Where none
 * is set, as in many containers, the terminal outside speaks UTF-8 all the same.
 */
export function takesUnicode(
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
  ascii: boolean,
): boolean {
  if (ascii) return false;
  if (!isTerminal) return true;
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
}
