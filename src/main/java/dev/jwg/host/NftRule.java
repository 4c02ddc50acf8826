package dev.jwg.host;

import dev.jwg.linux.NetlinkRequest;
import dev.jwg.linux.Nftables;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A rule of nf_tables, expression by expression as {@code nft --debug=netlink} shows them: each loads the register,
 * compares it (and ends the rule if that fails), or stores it.
 */
final class NftRule {
  private final List<Consumer<NetlinkRequest>> expressions = new ArrayList<>();

  NftRule loadMeta(int key) {
    return move("meta", Nftables.NFTA_META_DREG, Nftables.NFTA_META_KEY, key);
  }

  NftRule storeMetaMark() {
    return move("meta", Nftables.NFTA_META_SREG, Nftables.NFTA_META_KEY, Nftables.NFT_META_MARK);
  }

  /** The mark of the connection that conntrack sees the packet in. */
  NftRule loadConnectionMark() {
    return move("ct", Nftables.NFTA_CT_DREG, Nftables.NFTA_CT_KEY, Nftables.NFT_CT_MARK);
  }

  NftRule storeConnectionMark() {
    return move("ct", Nftables.NFTA_CT_SREG, Nftables.NFTA_CT_KEY, Nftables.NFT_CT_MARK);
  }

  /** Between the register and what {@code key} names; which way is {@code registerAttribute}'s to say. */
  private NftRule move(String expression, int registerAttribute, int keyAttribute, int key) {
    return expression(
        expression,
        attributes -> {
          u32(attributes, registerAttribute, Nftables.NFT_REG_1);
          u32(attributes, keyAttribute, key);
        });
  }

  NftRule loadNetworkHeader(int offset, int length) {
    return expression(
        "payload",
        attributes -> {
          u32(attributes, Nftables.NFTA_PAYLOAD_DREG, Nftables.NFT_REG_1);
          u32(attributes, Nftables.NFTA_PAYLOAD_BASE, Nftables.NFT_PAYLOAD_NETWORK_HEADER);
          u32(attributes, Nftables.NFTA_PAYLOAD_OFFSET, offset);
          u32(attributes, Nftables.NFTA_PAYLOAD_LEN, length);
        });
  }

  /** {@code RTN_…}: whether the source address is the host's own, for one. */
  NftRule loadSourceAddressType() {
    return expression(
        "fib",
        attributes -> {
          u32(attributes, Nftables.NFTA_FIB_DREG, Nftables.NFT_REG_1);
          u32(attributes, Nftables.NFTA_FIB_RESULT, Nftables.NFT_FIB_RESULT_ADDRTYPE);
          u32(attributes, Nftables.NFTA_FIB_FLAGS, Nftables.NFTA_FIB_F_SADDR);
        });
  }

  /** Goes on if the register holds these bytes. */
  NftRule ifEqual(byte[] value) {
    return compare(Nftables.NFT_CMP_EQ, value);
  }

  NftRule ifNotEqual(byte[] value) {
    return compare(Nftables.NFT_CMP_NEQ, value);
  }

  private NftRule compare(int operator, byte[] value) {
    return expression(
        "cmp",
        attributes -> {
          u32(attributes, Nftables.NFTA_CMP_SREG, Nftables.NFT_REG_1);
          u32(attributes, Nftables.NFTA_CMP_OP, operator);
          attributes.nest(Nftables.NFTA_CMP_DATA, data -> data.attribute(Nftables.NFTA_DATA_VALUE, value));
        });
  }

  NftRule drop() {
    return expression(
        "immediate",
        attributes -> {
          u32(attributes, Nftables.NFTA_IMMEDIATE_DREG, Nftables.NFT_REG_VERDICT);
          attributes.nest(
              Nftables.NFTA_IMMEDIATE_DATA,
              data ->
                  data.nest(
                      Nftables.NFTA_DATA_VERDICT,
                      verdict -> u32(verdict, Nftables.NFTA_VERDICT_CODE, Nftables.NF_DROP)));
        });
  }

  private NftRule expression(String name, Consumer<NetlinkRequest> attributes) {
    expressions.add(
        list ->
            list.nest(
                Nftables.NFTA_LIST_ELEM,
                element ->
                    element.attribute(Nftables.NFTA_EXPR_NAME, name).nest(Nftables.NFTA_EXPR_DATA, attributes)));
    return this;
  }

  /** Appends the expressions to the request that makes the rule. */
  void writeTo(NetlinkRequest request) {
    request.nest(Nftables.NFTA_RULE_EXPRESSIONS, list -> expressions.forEach(expression -> expression.accept(list)));
  }

  /** A 32-bit attribute, in network order as all of nf_tables' are. */
  static void u32(NetlinkRequest request, int attribute, int value) {
    request.attribute(attribute, ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
  }

  /** A number as it stands in the register: in the machine's order. */
  static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
  }
}
