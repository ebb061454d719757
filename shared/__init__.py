"""The kernel of Relais: hosting, never meaning."""
