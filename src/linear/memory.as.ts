// In: a size. Out: memory. Given by JavaScript: see memory.ts.

export declare function allocate(bytes: i32): i32;
export declare function free(at: i32, bytes: i32): void;
