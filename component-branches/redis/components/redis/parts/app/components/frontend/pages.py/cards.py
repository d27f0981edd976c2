registry.add_card(
    Card(
        "redis",
        icon=ft.Icons.BOLT_ROUNDED,
        figures=("latency_ms", "keys", "memory_bytes", "clients"),
    )
)
