// In: numbers. Out: the words people read: counts, bytes, durations, times.

const GROUPED = /\B(?=(\d{3})+(?!\d))/g;

/** 1234567 as "1,234,567", whatever the locale: outputs are compared. */
export function count(value: number): string {
  return String(Math.round(value)).replace(GROUPED, ',');
}

/** "1 connection", "3 connections"; `many` where it is not the singular with an s. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A part of a whole in percent with the digits that matter: "0.031 %", "2.1 %", "45 %"; never "0 %" or "100 %" of what is not. */
export function percent(part: number, whole: number): string {
  const value = (100 * part) / whole;
  if (part === 0 || !Number.isFinite(value)) return '0 %';
  if (value < 0.001) return 'under 0.001 %';
  if (part !== whole && value >= 99.95) return 'over 99.9 %';
  const decimals = value >= 9.95 ? 0 : value >= 0.995 ? 1 : value >= 0.0995 ? 2 : 3;
  return `${value.toFixed(part !== whole && value >= 99.5 ? 1 : decimals)} %`;
}

const BYTE_UNITS = ['kB', 'MB', 'GB', 'TB'] as const;

/** Bytes: exact up to 9,999 B, then three digits in powers of 1000. */
export function bytes(value: number): string {
  if (value < 10_000) return `${count(value)} B`;
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 999.5 && unit < BYTE_UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${threeDigits(scaled)} ${BYTE_UNITS[unit]}`;
}

/** A duration in seconds, with the two or three digits that matter: "120 ns", "7.00 ms", "12.4 s", "3 min 20 s", "2 d 4 h". */
export function duration(seconds: number): string {
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds === 0) return '0 s';
  if (seconds < 0.9995e-6) return `${Math.round(seconds * 1e9)} ns`;
  if (seconds < 0.9995e-3) return `${threeDigits(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${threeDigits(seconds * 1e3)} ms`;
  if (seconds < 99.95) return `${threeDigits(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return pair(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${count(large)} ${largeUnit}` : `${count(large)} ${largeUnit} ${small} ${smallUnit}`;
}

/** Three digits without trailing zeros behind the point: 7, 7.1, 12.4, 625. */
function threeDigits(value: number): string {
  const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = value.toFixed(decimals);
  return decimals === 0 ? text : text.replace(/\.?0+$/, '');
}

/** Seconds since the capture's start with `decimals` (6 or 9) digits, as Wireshark prints them. */
export function timestamp(seconds: number, decimals: number): string {
  return seconds.toFixed(decimals);
}

/** True if the time has digits below the microsecond (of a number made from nanoseconds). */
export function hasNanoseconds(seconds: number): boolean {
  return Math.round(seconds * 1e9) % 1000 !== 0;
}

/** "2024-05-06 09:57:23.000 UTC" from ISO 8601 with nine decimals. */
export function dateTime(iso: string): string {
  return iso.startsWith('@') ? iso : `${iso.slice(0, 10)} ${iso.slice(11, 23)} UTC`;
}

/** "10.0.0.1:80", "[2001:db8::1]:80". */
export function endpointText(endpoint: { addr: string; port: number }): string {
  const { addr, port } = endpoint;
  return addr.includes(':') ? `[${addr}]:${port}` : `${addr}:${port}`;
}
