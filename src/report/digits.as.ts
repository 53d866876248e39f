// In: numbers. Out: their digits in ASCII, written in place, and up to three bytes of no account behind them. All return where the digits end.
//
// `threes`: the address of a table of all numbers of three digits, a word each: their digits in its first three bytes (life-json.ts).

const ZERO = 0x30;
const DOT = 0x2e;
const THOUSAND = 1000;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;

/** A whole number that is not negative. */
export function writeNumber(at: i32, value: i32, threes: i32): i32 {
  if (value < THOUSAND) return upToThree(at, value, threes);
  const thousands = value / THOUSAND;
  let end = at;
  if (thousands < THOUSAND) end = upToThree(at, thousands, threes);
  else if (value < BILLION) end = three(upToThree(at, value / MILLION, threes), thousands % THOUSAND, threes);
  else {
    end = upToThree(at, value / BILLION, threes);
    end = three(three(end, (value / MILLION) % THOUSAND, threes), thousands % THOUSAND, threes);
  }
  return three(end, value % THOUSAND, threes);
}

/** Nanoseconds as decimals of a second, without zeros at the end. */
export function writeFraction(at: i32, nanoseconds: i32, threes: i32): i32 {
  if (nanoseconds === 0) return at;
  store<u8>(at, DOT);
  const micros = nanoseconds / THOUSAND;
  let end = three(at + 1, micros / THOUSAND, threes);
  if (nanoseconds % MILLION !== 0) end = three(end, micros % THOUSAND, threes);
  if (nanoseconds % THOUSAND !== 0) end = three(end, nanoseconds % THOUSAND, threes);
  while (load<u8>(end - 1) === ZERO) end--;
  return end;
}

/** Dotted decimal. */
export function writeIpv4(at: i32, address: i32, threes: i32): i32 {
  let end = upToThree(at, address >>> 24, threes);
  for (let shift = 16; shift >= 0; shift -= 8) {
    store<u8>(end, DOT);
    end = upToThree(end + 1, (address >>> shift) & 255, threes);
  }
  return end;
}

function upToThree(at: i32, value: i32, threes: i32): i32 {
  const digits = 1 + <i32>(value >= 10) + <i32>(value >= 100);
  store<u32>(at, load<u32>(threes + value * 4) >> ((3 - digits) << 3));
  return at + digits;
}

function three(at: i32, value: i32, threes: i32): i32 {
  store<u32>(at, load<u32>(threes + value * 4));
  return at + 3;
}
