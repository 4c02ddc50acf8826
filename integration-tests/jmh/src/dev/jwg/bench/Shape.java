package dev.jwg.bench;

/** What one read of a port brings. */
public enum Shape {
  /** A bulk transfer's, as segmentation leaves them. */
  FULL_BY_44(44, 1420),
  FULL_ALONE(1, 1420),
  SMALL_BY_44(44, 64);

  final int atOnce;
  final int length;

  Shape(int atOnce, int length) {
    this.atOnce = atOnce;
    this.length = length;
  }
}
