// In: numbers. Out: their digits in ASCII, written in place. All return where what they have written ends.

const ZERO = 0x30;
const DOT = 0x2e;
const THOUSAND = 1000;
const MILLION = 1_000_000;
const BILLION = 1_000_000_000;

/** A whole number that is not negative. */
export function writeNumber(at: i32, value: i32): i32 {
  if (value < THOUSAND) return upToThree(at, value);
  if (value < MILLION) return three(upToThree(at, value / THOUSAND), value % THOUSAND);
  const rest = value % MILLION;
  let end = at;
  if (value < BILLION) end = upToThree(at, value / MILLION);
  else end = three(upToThree(at, value / BILLION), (value / MILLION) % THOUSAND);
  return three(three(end, rest / THOUSAND), rest % THOUSAND);
}

/** Nanoseconds as decimals of a second, without zeros at the end. */
export function writeFraction(at: i32, nanoseconds: i32): i32 {
  if (nanoseconds === 0) return at;
  store<u8>(at, DOT);
  const micros = nanoseconds / THOUSAND;
  let end = three(at + 1, micros / THOUSAND);
  if (nanoseconds % MILLION !== 0) end = three(end, micros % THOUSAND);
  if (nanoseconds % THOUSAND !== 0) end = three(end, nanoseconds % THOUSAND);
  while (load<u8>(end - 1) === ZERO) end--;
  return end;
}

/** Dotted decimal. */
export function writeIpv4(at: i32, address: i32): i32 {
  let end = upToThree(at, address >>> 24);
  for (let shift = 16; shift >= 0; shift -= 8) {
    store<u8>(end, DOT);
    end = upToThree(end + 1, (address >>> shift) & 255);
  }
  return end;
}

function upToThree(at: i32, value: i32): i32 {
  if (value < 10) {
    store<u8>(at, ZERO + value);
    return at + 1;
  }
  if (value < 100) {
    store<u16>(at, (ZERO + value / 10) | ((ZERO + (value % 10)) << 8));
    return at + 2;
  }
  return three(at, value);
}

function three(at: i32, value: i32): i32 {
  const tens = (value / 10) % 10;
  store<u16>(at, (ZERO + value / 100) | ((ZERO + tens) << 8));
  store<u8>(at + 2, ZERO + (value % 10));
  return at + 3;
}
