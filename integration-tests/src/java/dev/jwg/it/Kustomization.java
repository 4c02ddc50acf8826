package dev.jwg.it;

import java.util.List;

/** What the manifests use of kustomize; set by the YAML parser, which refuses any other field. */
public final class Kustomization {
  public String apiVersion = "";
  public String kind = "";
  public String namespace = "";
  public List<String> resources = List.of();
  public List<Image> images = List.of();
  public List<Generator> secretGenerator = List.of();
  public GeneratorOptions generatorOptions = new GeneratorOptions();

  public static final class Image {
    public String name = "";
    public String newName = "";
    public String newTag = "";
  }

  public static final class Generator {
    public String name = "";
    public List<String> files = List.of();
  }

  public static final class GeneratorOptions {
    public boolean disableNameSuffixHash;
  }
}
