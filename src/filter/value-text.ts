// In: a field and a subject. Out: its values as people read them, for evidence and lists.

import { addressText } from '../flow/address.ts';
import { duration } from '../units.ts';
import { ADDRESS_WORDS, type Field } from './field.ts';
import { newAddresses } from './operand.ts';
import type { Subject } from './subject.ts';

/** Values in the order of the reader; none where the field is absent. */
export function valueTexts(field: Field, subject: Subject): string[] {
  const { reader, type } = field;
  const ofNumber = (value: number): string => {
    if (type === 'duration') return duration(value);
    return type === 'boolean' ? (value === 0 ? 'false' : 'true') : String(value);
  };
  switch (reader.form) {
    case 'number': {
      const value = reader.get(subject);
      return Number.isNaN(value) ? [] : [ofNumber(value)];
    }
    case 'numbers': {
      const out: number[] = [];
      const count = reader.fill(subject, out);
      return out.slice(0, count).map(ofNumber);
    }
    case 'texts': {
      const out: string[] = [];
      const count = reader.fill(subject, out);
      return out.slice(0, count);
    }
    case 'addresses': {
      const out = newAddresses();
      const count = reader.fill(subject, out);
      return Array.from({ length: count }, (_, i) => addressText(out, i * ADDRESS_WORDS, 1));
    }
    case 'moment':
      return [`${reader.seconds(subject)}.${String(reader.nanoseconds(subject)).padStart(9, '0')}`];
    case 'bytes': {
      const bytes = reader.get(subject);
      return bytes === null ? [] : [`${bytes.length} bytes`];
    }
    case 'presence':
      return [reader.is(subject) ? 'yes' : 'no'];
  }
}
