// In: nothing. Out: the version, as in package.json (a test compares them; reading the file would cost start-up time).

export const VERSION = '0.1.0';
