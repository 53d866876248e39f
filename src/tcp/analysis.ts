// In: one segment and the rows of its connection. Out: what Wireshark 4.0.17 would say of it.
export {};
