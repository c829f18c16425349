"""The receiving side: is a signature right, and if not, which mistake fits."""
