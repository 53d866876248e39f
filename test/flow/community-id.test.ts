import { describe, expect, it } from 'vitest';
import { communityId } from '../../src/flow/community-id.ts';

// From the specification's own baseline (github.com/corelight/community-id-spec, README): 128.232.110.120:34855 to 66.35.250.204:80.
const a = Uint8Array.of(128, 232, 110, 120);
const b = Uint8Array.of(66, 35, 250, 204);

describe('Community ID', () => {
  it('equals the specification', () => {
    expect(communityId(a, 34855, b, 80)).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
  });
  it('is the same from the other side', () => {
    expect(communityId(b, 80, a, 34855)).toBe('1:LQU9qZlK+B5F3KDmev6m5PMibrg=');
  });
  it('orders equal addresses by port', () => {
    expect(communityId(a, 1, a, 2)).toBe(communityId(a, 2, a, 1));
  });
});
