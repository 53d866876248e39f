// In: the link type number a capture file gives. Out: its registered name, the LINKTYPE_ value older files meant by it, the
// largest frame readers accept for it, and how much of a frame Wireshark does not count as frame.
// Numbers and names: https://www.tcpdump.org/linktypes.html.

const NAMES: Readonly<Record<number, string>> = {
  0: 'NULL',
  1: 'ETHERNET',
  2: 'EXP_ETHERNET',
  3: 'AX25',
  6: 'IEEE802_5',
  7: 'ARCNET_BSD',
  8: 'SLIP',
  9: 'PPP',
  10: 'FDDI',
  32: 'REDBACK_SMARTEDGE',
  50: 'PPP_HDLC',
  51: 'PPP_ETHER',
  99: 'SYMANTEC_FIREWALL',
  100: 'ATM_RFC1483',
  101: 'RAW',
  104: 'C_HDLC',
  105: 'IEEE802_11',
  106: 'ATM_CLIP',
  107: 'FRELAY',
  108: 'LOOP',
  109: 'ENC',
  112: 'NETBSD_HDLC',
  113: 'LINUX_SLL',
  114: 'LTALK',
  117: 'PFLOG',
  118: 'CISCO_IOS',
  119: 'IEEE802_11_PRISM',
  122: 'IP_OVER_FC',
  123: 'SUNATM',
  127: 'IEEE802_11_RADIOTAP',
  128: 'TZSP',
  129: 'ARCNET_LINUX',
  130: 'JUNIPER_MLPPP',
  131: 'JUNIPER_MLFR',
  132: 'JUNIPER_ES',
  133: 'JUNIPER_GGSN',
  134: 'JUNIPER_MFR',
  135: 'JUNIPER_ATM2',
  136: 'JUNIPER_SERVICES',
  137: 'JUNIPER_ATM1',
  138: 'APPLE_IP_OVER_IEEE1394',
  139: 'MTP2_WITH_PHDR',
  140: 'MTP2',
  141: 'MTP3',
  142: 'SCCP',
  143: 'DOCSIS',
  144: 'LINUX_IRDA',
  163: 'IEEE802_11_AVS',
  164: 'JUNIPER_MONITOR',
  165: 'BACNET_MS_TP',
  166: 'PPP_PPPD',
  167: 'JUNIPER_PPPOE',
  168: 'JUNIPER_PPPOE_ATM',
  169: 'GPRS_LLC',
  170: 'GPF_T',
  171: 'GPF_F',
  177: 'LINUX_LAPD',
  178: 'JUNIPER_ETHER',
  179: 'JUNIPER_PPP',
  180: 'JUNIPER_FRELAY',
  181: 'JUNIPER_CHDLC',
  182: 'MFR',
  183: 'JUNIPER_VP',
  187: 'BLUETOOTH_HCI_H4',
  189: 'USB_LINUX',
  192: 'PPI',
  194: 'JUNIPER_ISM',
  195: 'IEEE802_15_4_WITHFCS',
  196: 'SITA',
  197: 'ERF',
  200: 'JUNIPER_ST',
  201: 'BLUETOOTH_HCI_H4_WITH_PHDR',
  202: 'AX25_KISS',
  203: 'LAPD',
  204: 'PPP_WITH_DIR',
  205: 'C_HDLC_WITH_DIR',
  206: 'FRELAY_WITH_DIR',
  207: 'LAPB_WITH_DIR',
  209: 'I2C_LINUX',
  210: 'FLEXRAY',
  211: 'MOST',
  212: 'LIN',
  215: 'IEEE802_15_4_NONASK_PHY',
  220: 'USB_LINUX_MMAPPED',
  224: 'FC_2',
  225: 'FC_2_WITH_FRAME_DELIMS',
  226: 'IPNET',
  227: 'CAN_SOCKETCAN',
  228: 'IPV4',
  229: 'IPV6',
  230: 'IEEE802_15_4_NOFCS',
  231: 'DBUS',
  235: 'DVB_CI',
  236: 'MUX27010',
  237: 'STANAG_5066_D_PDU',
  239: 'NFLOG',
  240: 'NETANALYZER',
  241: 'NETANALYZER_TRANSPARENT',
  242: 'IPOIB',
  243: 'MPEG_2_TS',
  244: 'NG40',
  245: 'NFC_LLCP',
  247: 'INFINIBAND',
  248: 'SCTP',
  249: 'USBPCAP',
  250: 'RTAC_SERIAL',
  251: 'BLUETOOTH_LE_LL',
  252: 'WIRESHARK_UPPER_PDU',
  253: 'NETLINK',
  254: 'BLUETOOTH_LINUX_MONITOR',
  255: 'BLUETOOTH_BREDR_BB',
  256: 'BLUETOOTH_LE_LL_WITH_PHDR',
  257: 'PROFIBUS_DL',
  258: 'PKTAP',
  259: 'EPON',
  260: 'IPMI_HPM_2',
  261: 'ZWAVE_R1_R2',
  262: 'ZWAVE_R3',
  263: 'WATTSTOPPER_DLM',
  264: 'ISO_14443',
  265: 'RDS',
  266: 'USB_DARWIN',
  268: 'SDLC',
  270: 'LORATAP',
  271: 'VSOCK',
  272: 'NORDIC_BLE',
  273: 'DOCSIS31_XRA31',
  274: 'ETHERNET_MPACKET',
  275: 'DISPLAYPORT_AUX',
  276: 'LINUX_SLL2',
  277: 'SERCOS_MONITOR',
  278: 'OPENVIZSLA',
  279: 'EBHSCR',
  280: 'VPP_DISPATCH',
  281: 'DSA_TAG_BRCM',
  282: 'DSA_TAG_BRCM_PREPEND',
  283: 'IEEE802_15_4_TAP',
  284: 'DSA_TAG_DSA',
  285: 'DSA_TAG_EDSA',
  286: 'ELEE',
  287: 'Z_WAVE_SERIAL',
  288: 'USB_2_0',
  289: 'ATSC_ALP',
  290: 'ETW',
};

/** The registered name without `LINKTYPE_` ("ETHERNET"); the number as text where none is registered. */
export function linkTypeName(linkType: number): string {
  if (linkType >= 147 && linkType <= 162) return `USER${linkType - 147}`;
  return NAMES[linkType] ?? String(linkType);
}

// Values below 50 that files written before LINKTYPE_ existed (libpcap < 0.5) took from their platform's DLT_ numbers. What each
// one is read as: tshark 4.0.17, asked with one file per number. 12 and 14 are "raw IP" of most BSDs and of OpenBSD.
const LINKTYPE_OF_OLD_DLT: Readonly<Record<number, number>> = {
  11: 100,
  12: 101,
  13: 109,
  14: 101,
  16: 106,
  18: 106,
  19: 106,
};

/** The LINKTYPE_ value meant by the number in a file. */
export function canonicalLinkType(linkType: number): number {
  return LINKTYPE_OF_OLD_DLT[linkType] ?? linkType;
}

const STANDARD_MAX_FRAME = 262144;

/**
 * Most bytes a frame can have in a file; a record that claims more is damage. libpcap (MAXIMUM_SNAPLEN, max_snaplen_for_dlt) and
 * Wireshark (WTAP_MAX_PACKET_SIZE_*) agree on these.
 */
export function maxFrameLength(linkType: number): number {
  switch (linkType) {
    case 231: // DBUS: largest message its specification allows
    case 249: // USBPCAP
      return 128 * 1024 * 1024;
    case 279: // EBHSCR
      return 8 * 1024 * 1024;
    default:
      return STANDARD_MAX_FRAME;
  }
}

// Bytes in front of a frame that its LINKTYPE_ defines as metadata and Wireshark therefore leaves out of frame.len.
const PSEUDO_HEADER_LENGTH: Readonly<Record<number, number>> = {
  123: 4, // SUNATM
  139: 4, // MTP2_WITH_PHDR
  144: 16, // LINUX_IRDA
  177: 16, // LINUX_LAPD
  196: 5, // SITA
  201: 4, // BLUETOOTH_HCI_H4_WITH_PHDR
  204: 1, // PPP_WITH_DIR
  209: 5, // I2C_LINUX
  245: 2, // NFC_LLCP
  254: 4, // BLUETOOTH_LINUX_MONITOR
};

/**
 * What to subtract from a frame's captured and original length to get Wireshark's `frame.cap_len` and `frame.len`. 0 for nearly
 * every link type. (ERF, whose header length varies, is not covered.)
 */
export function pseudoHeaderLength(linkType: number): number {
  return PSEUDO_HEADER_LENGTH[linkType] ?? 0;
}
